"""The sandbox itself: a request in, an answer out, everything else remembered in one value.

:mod:`.server` puts it behind a port, :func:`.transport.sandbox_transport` behind an httpx client.
"""

import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from service.primero.sandbox.accounts import Account, Accounts
from service.primero.sandbox.faults import Fault, spoil, take_fault
from service.primero.sandbox.forms import FormChange
from service.primero.sandbox.http import Refusal, Request, Response, answer
from service.primero.sandbox.lookups import change_lookup
from service.primero.sandbox.records import Store

__all__ = ["Account", "Sandbox"]

VERSION = "2.15.0"
_ONE = re.compile(r"/api/v2/(forms|lookups)/([^/]+)")
_PER_PAGE = 20


class Sandbox:
    """A Primero in memory. Safe to share between threads: one request is answered at a time.

    Args:
        configuration: what it starts from; see :class:`.records.Store`.
        locales: those that are enabled, the default one first.
        accounts: who may use it.
        clock: seconds.
        new_secret: makes session keys.
        numbers: ``first_form``, ``first_field`` and ``first_lookup``.
    """

    def __init__(
        self,
        configuration: Mapping[str, Any],
        locales: Sequence[str],
        accounts: list[Account],
        *,
        clock: Callable[[], float] = time.monotonic,
        new_secret: Callable[[], str] = lambda: secrets.token_hex(16),
        numbers: Mapping[str, int] | None = None,
    ) -> None:
        self.store = Store(configuration, locales, **(numbers or {}))
        self.accounts = Accounts(accounts, clock, new_secret)
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str]] = []
        self.latency: dict[str, float] = {}
        self._lock = threading.Lock()

    def handle(self, request: Request) -> Response:
        """Answer a request. Refusals are answers too; nothing is raised."""
        with self._lock:
            self.requests.append((request.method, request.target))
            fault = take_fault(self.faults, request)
            if fault is None:
                response = self._answer(request)
            else:
                good = self._answer(request) if fault.is_carried_out else answer({})
                response = spoil(fault, good, request.path)
        return response

    def _answer(self, request: Request) -> Response:
        try:
            return self._route(request)
        except Refusal as refusal:
            return refusal.response(request.path)

    def _route(self, request: Request) -> Response:
        match request.method, request.path:
            case "GET", "/api/v2/primero":
                return answer({"data": {"sandbox_ui": True, "locales": list(self.store.locales)}})
            case "POST", "/api/v2/tokens":
                return self._sign_in(request)
        account = self.accounts.authenticate(request)
        match request.method, request.path:
            case "GET", "/api/v2/forms":
                return self._list_forms(request)
            case "GET", "/api/v2/lookups":
                return self._list_lookups(request)
            case "GET", "/api/v2/system_settings":
                settings = {"default_locale": self.store.locales[0], "primero_version": VERSION}
                return answer({"data": {**settings, "rtl_locales": ["ar"]}})
            case "GET", "/api/v2/users":
                return self._list_users(request, account)
        return self._one(request, account)

    def _sign_in(self, request: Request) -> Response:
        user = _body(request).get("user")
        given = user if isinstance(user, dict) else {}
        account, cookies = self.accounts.sign_in(given.get("user_name"), given.get("password"))
        document = {"id": self.accounts.number(account), "user_name": account.name}
        return answer(document, headers=cookies)

    def _list_users(self, request: Request, account: Account) -> Response:
        """Answer the account itself; the properties beyond its language were read in the code, not measured."""
        if not account.sees_users:
            raise Refusal(403, "Forbidden")
        action = "manage_restricted" if account.restricted else "manage"
        user: dict[str, Any] = {
            "id": self.accounts.number(account),
            "user_name": account.name,
            "locale": account.locale,
        }
        if request.parameter("extended") == "true":
            user["permissions"] = {"list": [{"resource": "metadata", "actions": [action]}]}
        found = [user] if request.parameter("user_name") in (None, account.name) else []
        return answer({"data": found, "metadata": {"total": len(found), "per": _PER_PAGE, "page": 1}})

    def _list_forms(self, request: Request) -> Response:
        record_type, module = request.parameter("record_type"), request.parameter("module_id")
        wanted = [
            number
            for number, form in self.store.forms.items()
            if record_type in (None, form.get("parent_form")) and module in (None, *(form.get("module_ids") or ()))
        ]
        return answer({"data": [self.store.show_form(number) for number in wanted]})

    def _list_lookups(self, request: Request) -> Response:
        per, page = (int(request.parameter(name) or otherwise) for name, otherwise in (("per", _PER_PAGE), ("page", 1)))
        numbers = list(self.store.lookups)
        shown = [self.store.show_lookup(number) for number in numbers[(page - 1) * per : page * per]]
        return answer({"data": shown, "metadata": {"total": len(numbers), "per": per, "page": page}})

    def _one(self, request: Request, account: Account) -> Response:
        found = _ONE.fullmatch(request.path)
        if found is None or request.method not in ("GET", "PATCH"):
            raise Refusal(404, "Not Found")
        kind, name = found.groups()
        records = self.store.forms if kind == "forms" else self.store.lookups
        # The address is the number; a unique_id finds nothing.
        number = int(name) if name.isdecimal() else 0
        if number not in records:
            raise Refusal(404, "Not Found")
        if request.method == "PATCH":
            self._change(kind, number, request, account)
        show = self.store.show_form if kind == "forms" else self.store.show_lookup
        return answer({"data": show(number)})

    def _change(self, kind: str, number: int, request: Request, account: Account) -> None:
        data = _body(request).get("data")
        if not isinstance(data, dict):
            raise Refusal(422, "param is missing or the value is empty or invalid: data")
        if kind == "lookups":
            change_lookup(self.store.lookups[number], data)
            return
        change = FormChange(
            self.store.forms[number],
            locales=self.store.locales,
            own_locale=account.locale,
            restricted=account.restricted,
            new_field=self.store.numbered_field,
        )
        change.carry_out(data)


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise Refusal(400, "Bad Request") from None
    if not isinstance(body, dict):
        raise Refusal(400, "Bad Request")
    return body
