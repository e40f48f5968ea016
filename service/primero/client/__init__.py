"""The client of Primero's API v2: every call is bounded by a deadline, and repeated only where safe.

Records are as Primero answers them, ``''`` fillers and all. Every method raises
:class:`service.primero.client.errors.PrimeroError` and its leaves, nothing else.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from service.primero.client.answers import Record
from service.primero.client.configuration import Configuration, SignIn
from service.primero.client.errors import Forbidden, UnexpectedAnswer
from service.primero.client.wire import BaseTransport, Call, Wire

__all__ = ["AccountInfo", "Configuration", "PrimeroClient", "SignIn"]

_PER_PAGE = 1000
_MOST_PAGES = 200


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """What Primero tells of the service account; None where it does not.

    Attributes:
        locale: the language of its own pages.
        manages_forms: whether its role may manage forms and lookups without restriction.
    """

    locale: str | None
    manages_forms: bool | None


class PrimeroClient:
    """Talks to one Primero as one account. Safe to share between threads; close it, or use it in a ``with``.

    Args:
        configuration: where, and as whom.
        transport: what carries the requests; None for the network.
        sleep: waits.
        clock: a monotonic clock in seconds.
        chance: a number in [0, 1) for the spread of waits.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        transport: BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._wire = Wire(configuration, transport=transport, sleep=sleep, clock=clock, chance=chance)

    def __repr__(self) -> str:
        return f"PrimeroClient({self._wire.configuration!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    @property
    def url(self) -> str:
        """Return the instance's address, without a trailing slash."""
        return self._wire.configuration.url

    @property
    def requests_sent(self) -> int:
        """Return how many requests were sent so far."""
        return self._wire.requests_sent

    def get_locales(self) -> tuple[str, ...] | None:
        """Return the languages that are enabled, None where the instance does not say. Nobody need be signed in."""
        found = self._wire.exchange(Call("GET", "/api/v2/primero", public=True)).record().get("locales")
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            return None
        return tuple(found)

    def get_version(self) -> str | None:
        """Return Primero's version, None where it does not say."""
        version = self._wire.exchange(Call("GET", "/api/v2/system_settings")).record().get("primero_version")
        return version if isinstance(version, str) else None

    def list_forms(self) -> list[Record]:
        """Return every form that the account sees."""
        return self._wire.exchange(Call("GET", "/api/v2/forms")).records()

    def list_lookups(self) -> list[Record]:
        """Return every lookup, page by page."""
        found: list[Record] = []
        for page in range(1, _MOST_PAGES + 1):
            query = {"per": str(_PER_PAGE), "page": str(page)}
            answer = self._wire.exchange(Call("GET", "/api/v2/lookups", query=query))
            records = answer.records()
            found += records
            total = answer.total()
            if not records or (len(found) >= total if total is not None else len(records) < _PER_PAGE):
                return found
        raise UnexpectedAnswer(f"Primero's list of lookups does not end after {_MOST_PAGES} pages.")

    def get_form(self, number: int) -> Record:
        """Return one form."""
        return self._wire.exchange(Call("GET", f"/api/v2/forms/{number:d}")).record()

    def get_lookup(self, number: int) -> Record:
        """Return one lookup."""
        return self._wire.exchange(Call("GET", f"/api/v2/lookups/{number:d}")).record()

    def change_form(self, number: int, data: Record) -> None:
        """Change one form. Whether it was done is unknown after NoAnswer and ServerError: read it, then decide."""
        self._change(f"/api/v2/forms/{number:d}", data)

    def change_lookup(self, number: int, data: Record) -> None:
        """Change one lookup; as :meth:`change_form`."""
        self._change(f"/api/v2/lookups/{number:d}", data)

    def _change(self, path: str, data: Record) -> None:
        self._wire.exchange(Call("PATCH", path, body={"data": data}, repeatable=False))

    def find_account(self) -> AccountInfo:
        """Return what can be learnt of the account that is used: many roles may not look users up, itself included."""
        user = self._wire.configuration.user
        try:
            answer = self._wire.exchange(Call("GET", "/api/v2/users", query={"user_name": user, "extended": "true"}))
        except Forbidden:
            return AccountInfo(None, None)
        named = [row for row in answer.records() if row.get("user_name") == user]
        if len(named) != 1:
            return AccountInfo(None, None)
        locale = named[0].get("locale")
        return AccountInfo(locale if isinstance(locale, str) else None, _manages_forms(named[0].get("permissions")))


def _manages_forms(permissions: Any) -> bool | None:
    """Return whether the permissions let manage forms without restriction ("metadata" is Primero's word for them)."""
    rows = permissions.get("list") if isinstance(permissions, dict) else None
    if not isinstance(rows, list):
        return None
    return any(
        isinstance(row, dict) and row.get("resource") == "metadata" and "manage" in (row.get("actions") or ())
        for row in rows
    )
