"""How a client reaches Transifex: plain values, checked once, frozen."""

import re
from dataclasses import dataclass, field

from transifex_client.addresses import check_protected, origin_of
from transifex_client.retry import RetryPolicy

LIVE_URL = "https://rest.api.transifex.com"
LIVE_DOWNLOAD_ORIGIN = "https://storage.svc.transifex.net"

_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Configuration:
    """All that a client needs to know. Times in seconds, sizes in bytes.

    Attributes:
        token: the API token; shown by nothing.
        base_url: where the API lives, without a trailing slash.
        download_origins: where finished files may be fetched from (without the token), beside the API's own origin.
        request_timeout: for one request.
        deadline: for one call of the client, its retries included.
        long_deadline: for calls that page through a list or wait for a job.
        poll_waits: before each poll of a job; the last one repeats. The official client starts at 1 s; our files are
            small, and polls have a limit of their own (1,200 a minute).
        answer_limit: a longer answer is refused.
        retry: how patient to be.

    Raises:
        ValueError: the token is empty or holds something that no header can carry.
        ForbiddenAddress: an address is not http(s), or the token would travel over plain http beyond this machine.
    """

    token: str = field(repr=False)
    base_url: str = LIVE_URL
    download_origins: tuple[str, ...] = (LIVE_DOWNLOAD_ORIGIN,)
    request_timeout: float = 30.0
    deadline: float = 120.0
    long_deadline: float = 900.0
    poll_waits: tuple[float, ...] = (0.1, 0.2, 0.5, 1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0)
    answer_limit: int = 64 * 1024 * 1024
    user_agent: str = "primero-translation-bridge"
    retry: RetryPolicy = field(default_factory=RetryPolicy)

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.token):
            raise ValueError("The Transifex token is empty or holds white space or letters that no token has.")
        if not self.poll_waits:
            raise ValueError("At least one wait between polls is needed.")
        check_protected(self.base_url)
        for origin in self.download_origins:
            origin_of(origin)
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
