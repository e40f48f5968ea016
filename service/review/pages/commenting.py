"""Commenting on a card: for those who review here, and never sent anywhere."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from service.auth.dependencies import FormIdentityDep
from service.auth.rules import Permission
from service.catalog.queries import find_unit
from service.errors import BadInput, NotFound
from service.review.pages.card import Typed, draw_card
from service.review.pages.places import PREFIX, FilterDep, open_place
from service.review.service.commenting import write_comment
from service.web.kept import keep
from service.web.resources import NowDep, SessionDep

router = APIRouter(prefix=PREFIX)


def read_comment_form(
    request: Request,
    key: Annotated[str, Form(max_length=2000)],
    said: Annotated[str, Form(max_length=8000)] = "",
) -> tuple[str, str]:
    """Dependency: the key and the comment, kept in case the session has ended."""
    keep(request, [("key", key), ("said", said)])
    return key, said


@router.post("/comments")
def send_comment(
    request: Request,
    session: SessionDep,
    sent: Annotated[tuple[str, str], Depends(read_comment_form)],
    identity: FormIdentityDep,
    now: NowDep,
    wanted: FilterDep,
    slug: str,
    locale: str,
) -> Response:
    """Keep the comment and show the card with it; show what was typed again where it cannot be kept."""
    key, said = sent
    place = open_place(session, identity, slug, locale, Permission.QUESTION_ANSWER, changing=True)
    row = find_unit(session, place.reader.deployment_id, locale, key)
    if row is None:
        raise NotFound(f"The deployment {slug!r} has no unit {key!r}.")
    try:
        comment = write_comment(session, place.deployment, row[0], locale, said, actor=identity.actor, now=now)
    except BadInput as error:
        typed = Typed(error=error.message, said=said)
        return draw_card(request, session, place, wanted, row, now, typed=typed, status=error.status)
    return RedirectResponse(place.address("card", wanted, key=key, commented=comment.id or 0), status_code=303)
