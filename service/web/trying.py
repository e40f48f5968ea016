"""What forms of pages have in common: what they ask for is done, or the page is drawn again with what is wrong."""

from collections.abc import Callable
from typing import Protocol

from fastapi.responses import HTMLResponse
from sqlmodel import Session

from service.errors import ServiceError


class Draw(Protocol):
    """Draws the page of a form, with what was typed."""

    def __call__(self, *, error: str, status: int) -> HTMLResponse:
        """Draw it with the sentence that says what is wrong."""


def do_or_draw(session: Session, act: Callable[[], object], draw: Draw) -> HTMLResponse | None:
    """Do what a form asks for; return None, or the page again where it is refused, and nothing was done."""
    try:
        act()
    except ServiceError as error:
        session.rollback()
        return draw(error=error.message, status=error.status)
    return None
