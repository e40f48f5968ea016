"""Who may use the sandbox: accounts, sessions, and the limits that a wrong password runs into."""

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from service.primero.sandbox.http import Refusal, Request

SESSION_COOKIE, CSRF_COOKIE = "_app_session", "CSRF-TOKEN"
SESSION_SECONDS = 3600.0
SIGN_INS_A_MINUTE = 6
WRONG_PASSWORDS, LOCKED_SECONDS = 6, 1800.0


@dataclass(slots=True)
class Account:
    """A user of the sandbox.

    Attributes:
        locale: the language of the user's own pages.
        restricted: whether the role has "manage_restricted" on forms, not "manage".
        sees_users: whether the role may look users up, itself among them.
        bearer: a token of the identity provider that stands for this user, None for none.
    """

    name: str
    password: str
    locale: str = "en"
    restricted: bool = False
    sees_users: bool = True
    bearer: str | None = None
    wrong: int = 0
    locked_until: float = 0.0
    sign_ins: list[float] = field(default_factory=list)


@dataclass(slots=True)
class _Session:
    account: Account
    csrf: str
    until: float


class Accounts:
    """Signs requests in by Basic, session cookie or bearer token."""

    def __init__(self, accounts: list[Account], clock: Callable[[], float], new_secret: Callable[[], str]) -> None:
        self._accounts = {account.name: account for account in accounts}
        self._clock = clock
        self._new_secret = new_secret
        self._sessions: dict[str, _Session] = {}

    def get(self, name: str) -> Account:
        """Return an account, for tests."""
        return self._accounts[name]

    def end_sessions(self) -> None:
        """End every session, as a restart of the server does."""
        self._sessions.clear()

    def number(self, account: Account) -> int:
        """Return the account's number."""
        return list(self._accounts).index(account.name) + 1

    def sign_in(self, name: object, password: object) -> tuple[Account, tuple[tuple[str, str], ...]]:
        """Return the account and the cookies of a new session; the account's other sessions end.

        Raises:
            Refusal: 429 for too many sign-ins, 401 for a wrong password or a locked account.
        """
        account = self._accounts.get(str(name))
        if account is not None:
            now = self._clock()
            account.sign_ins = [moment for moment in account.sign_ins if moment > now - 60]
            if len(account.sign_ins) >= SIGN_INS_A_MINUTE:
                raise Refusal(429, "Too many requests")
            account.sign_ins.append(now)
        found = self._check_password(str(name), str(password))
        self._sessions = {key: one for key, one in self._sessions.items() if one.account is not found}
        key, csrf = self._new_secret(), self._new_secret()
        self._sessions[key] = _Session(found, csrf, self._clock() + SESSION_SECONDS)
        return found, (_cookie(SESSION_COOKIE, key, hidden=True), _cookie(CSRF_COOKIE, csrf))

    def authenticate(self, request: Request) -> Account:
        """Return who sent a request.

        Raises:
            Refusal: 401 where nobody can be told, 422 for a change in a session without its token.
        """
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            name, _, password = _decode(given).partition(":")
            return self._check_password(name, password)
        if scheme == "Bearer":
            for account in self._accounts.values():
                if account.bearer and hmac.compare_digest(account.bearer.encode(), given.encode()):
                    return account
            raise Refusal(401, "Unauthorized")
        return self._check_session(request)

    def _check_session(self, request: Request) -> Account:
        session = self._sessions.get(request.cookies.get(SESSION_COOKIE, ""))
        now = self._clock()
        if session is None or session.until <= now:
            raise Refusal(401, "Unauthorized")
        if request.method != "GET" and request.headers.get("x-csrf-token") != session.csrf:
            raise Refusal(422, "Can't verify CSRF token authenticity.")
        session.until = now + SESSION_SECONDS
        return session.account

    def _check_password(self, name: str, password: str) -> Account:
        account, now = self._accounts.get(name), self._clock()
        if account is None:
            raise Refusal(401, "Unauthorized")
        if account.locked_until > now:
            raise Refusal(401, "Your account is locked.")
        if not hmac.compare_digest(account.password.encode(), password.encode()):
            account.wrong += 1
            if account.wrong >= WRONG_PASSWORDS:
                account.wrong, account.locked_until = 0, now + LOCKED_SECONDS
            raise Refusal(401, "Unauthorized")
        account.wrong = 0
        return account


def _decode(given: str) -> str:
    try:
        return base64.b64decode(given, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def _cookie(name: str, value: str, *, hidden: bool = False) -> tuple[str, str]:
    return "Set-Cookie", f"{name}={value}; Path=/; SameSite=Lax{'; HttpOnly' if hidden else ''}"
