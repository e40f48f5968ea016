"""What the pages of the glossary and of sensitive words share: searching in forms, and cutting a list into pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from service.checks.rules import term_key

PAGE = 25
"""Terms on a page."""
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Cut(Generic[_Row]):
    """One page of a list, and the addresses of those before and behind it, where there are any."""

    rows: Sequence[_Row]
    before: str | None
    behind: str | None


def has_form(search: str, forms: Iterable[str]) -> bool:
    """Return whether one of the forms holds what is searched for, however it is spelt; "" stands in all."""
    wanted = term_key(search)
    return not wanted or any(wanted in term_key(form) for form in forms)


def cut_page(rows: Sequence[_Row], path: str, search: str, page: int, *, at: str = "") -> Cut[_Row]:
    """Return a page by its number from 1; one that is not there is the nearest. ``at`` ends the addresses."""
    last = max((len(rows) + PAGE - 1) // PAGE, 1)
    here = min(max(page, 1), last)

    def address(number: int) -> str:
        return f"{path}?{urlencode({'search': search, 'page': number})}{at}"

    return Cut(
        rows[(here - 1) * PAGE : here * PAGE],
        address(here - 1) if here > 1 else None,
        address(here + 1) if here < last else None,
    )
