"""What somebody typed into a form that could not be taken because the session had ended: shown again, never lost.

A page that takes a form names :func:`keep_form` as a dependency before the one that asks who is signed in. Where that
one refuses, the answer carries everything that was sent, through the sign-in where one is needed, to a page that sends
it once more at a press of a button.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request

MAX_KEPT = 60_000
"""The most characters kept of one form."""


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A form that was sent: the address with its query, and the fields in order, without the session's token."""

    action: str
    fields: tuple[tuple[str, str], ...]

    def packed(self) -> str:
        """Return it as one value that a hidden field can carry."""
        return json.dumps([self.action, self.fields], ensure_ascii=False)

    @property
    def typed(self) -> tuple[str, ...]:
        """Return what a person typed, to be shown: the fields with words of their own."""
        return tuple(
            value for name, value in self.fields if name in {"text", "comment", "said", "reason"} and value.strip()
        )


def unpack_kept(packed: str) -> KeptForm | None:
    """Return what :meth:`KeptForm.packed` made; None for anything else, since a browser can send what it likes."""
    if not packed or len(packed) > MAX_KEPT:
        return None
    try:
        action, fields = json.loads(packed)
        found = KeptForm(action, tuple((name, value) for name, value in fields))
    except (ValueError, TypeError):
        return None
    strings = [found.action, *(part for field in found.fields for part in field)]
    return found if all(isinstance(part, str) for part in strings) else None


def keep(request: Request, fields: Iterable[tuple[str, str]]) -> None:
    """Keep what was sent to this address, in case the session turns out to have ended."""
    path = request.scope["path"]
    query = request.url.query
    kept = KeptForm(f"{path}?{query}" if query else path, tuple(fields))
    if len(kept.packed()) <= MAX_KEPT:
        request.state.kept_form = kept


def find_kept(request: Request) -> KeptForm | None:
    """Return what was kept of this request's form, or None."""
    kept = request.scope.get("state", {}).get("kept_form")
    return kept if isinstance(kept, KeptForm) else None
