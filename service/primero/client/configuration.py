"""How a client reaches one Primero: plain values, checked once, frozen."""

from dataclasses import dataclass, field
from enum import StrEnum

from service.primero.client.addresses import check_protected, parse_place
from service.primero.client.retry import RetryPolicy


class SignIn(StrEnum):
    """How an instance knows who asks.

    ``basic``: name and password with every request. ``session``: name and password once, then a cookie. ``bearer``: a
    token of the identity provider that stands in front of it.
    """

    BASIC = "basic"
    SESSION = "session"
    BEARER = "bearer"


@dataclass(frozen=True, slots=True)
class Configuration:
    """All that a client needs to know. Times in seconds, sizes in bytes.

    Attributes:
        url: where the Primero lives.
        user: the service account's name; with ``bearer`` only used to look the account up.
        secret: its password, or the identity provider's token; shown by nothing.
        sign_in: how it is sent.
        allowed_hosts: see :func:`.addresses.choose_address`.
        request_timeout: for one request.
        deadline: for one call of the client, its waits included.
        answer_limit: a longer answer is refused.
        retry: how patient to be.

    Raises:
        ForbiddenAddress: the address is not one, or the password would travel unprotected.
        ValueError: the secret is empty or holds what no header can carry.
    """

    url: str
    user: str
    secret: str = field(repr=False)
    sign_in: SignIn = SignIn.BASIC
    allowed_hosts: frozenset[str] = frozenset()
    request_timeout: float = 60.0
    deadline: float = 300.0
    answer_limit: int = 64 * 1024 * 1024
    user_agent: str = "primero-translation-bridge"
    retry: RetryPolicy = field(default_factory=RetryPolicy)

    def __post_init__(self) -> None:
        place = parse_place(self.url)
        check_protected(place)
        if not self.secret or any(ord(letter) < 32 for letter in self.secret + self.user):
            raise ValueError("The user, password or token is empty or holds control characters.")
        if self.sign_in is SignIn.BEARER and not self.secret.isascii():
            raise ValueError("The token holds letters that no token has.")
        if self.sign_in is SignIn.BASIC and ":" in self.user:
            raise ValueError("A user name with a colon cannot sign in by Basic.")
        object.__setattr__(self, "url", place.url)
