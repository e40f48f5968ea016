"""A browser without JavaScript, as far as tests need one."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

from service.auth.dependencies import SESSION_COOKIE
from service.auth.queries import find_account
from service.auth.service import find_session, new_session

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from httpx2 import Response

    from service.web.resources import Resources

SAME_ORIGIN = {"Origin": "http://localhost", "Accept": "text/html"}
_FORM_TOKEN = re.compile(r'name="form_token" value="([^"]*)"')


def form_token(html: str) -> str:
    """Return the form token of the last form on a page: forms of the content stand after the header's."""
    return unescape(_FORM_TOKEN.findall(html)[-1])


class Browser:
    """A client that is signed in as a user and sends the form token with every form, as the pages do."""

    def __init__(self, client: TestClient, resources: Resources, username: str) -> None:
        self.client = client
        now = resources.clock()
        with resources.database.write() as session:
            account = find_account(session, username)
            assert account is not None
            made = new_session(session, account, now)
        with resources.database.read() as session:
            login = find_session(session, made.value, now)
        assert login is not None
        self.form_token = login.form_secret
        self.person_id = account.person_id
        self.cookie = made.value
        self.client.cookies.set(SESSION_COOKIE, made.value, domain="localhost.local", path="/")

    def get(self, path: str, **arguments: Any) -> Response:
        """Open a page."""
        return self.client.get(path, headers=SAME_ORIGIN, **arguments)

    def post(self, path: str, data: dict[str, Any] | None = None, **arguments: Any) -> Response:
        """Send a form with its token."""
        return self.client.post(
            path, data={"form_token": self.form_token, **(data or {})}, headers=SAME_ORIGIN, **arguments
        )
