"""Which addresses may be visited, and which may see the token. Pure.

The platform's answers are untrusted input: every address that an answer hands out is checked here before it is used.
"""

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import SplitResult, urljoin, urlsplit

from transifex_client.errors import ForbiddenAddress, Particulars

_DEFAULT_PORTS = {"http": 80, "https": 443}


def _split(url: str) -> SplitResult:
    """Return the parts of an absolute http(s) address.

    Raises:
        ForbiddenAddress: it is not one, or it carries a user name or password.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _DEFAULT_PORTS and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ForbiddenAddress("Transifex's address is not an http or https address with a host.")
    if parts.username is not None or parts.password is not None:
        raise ForbiddenAddress("An address with a user name or password in it is refused.")
    return parts


def _absolute(base_url: str, link: str) -> str:
    try:
        return urljoin(base_url + "/", link)
    except ValueError as error:
        raise ForbiddenAddress("Transifex's answer holds a link that is not an address.") from error


def origin_of(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an absolute address.

    Raises:
        ForbiddenAddress: it is not an absolute http(s) address, or it carries a user name.
    """
    parts = _split(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS[parts.scheme]


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_protected(url: str) -> None:
    """Refuse plain http except to this machine.

    Raises:
        ForbiddenAddress: what is sent there could be read on the way.
    """
    scheme, host, _ = origin_of(url)
    if scheme != "https" and not is_loopback(host):
        raise ForbiddenAddress(
            f"Transifex at {host} would be reached over plain http: use https.", Particulars(url=without_secret(url))
        )


def resolve_within(base_url: str, link: str) -> str:
    """Return the absolute form of a link (relative or absolute) that must stay on the API's own origin.

    Raises:
        ForbiddenAddress: it leads elsewhere.
    """
    url = _absolute(base_url, link)
    if origin_of(url) != origin_of(base_url):
        raise ForbiddenAddress(
            f"Transifex's answer links to {origin_of(url)[1]}, which is not the API: the link was not followed.",
            Particulars(url=without_secret(url)),
        )
    return url


def check_download(base_url: str, download_origins: Collection[str], link: str) -> str:
    """Return the absolute form of a download link after checking that its origin is an allowed one.

    Raises:
        ForbiddenAddress: its origin is neither the API's nor in the list, or it is plain http beyond this machine.
    """
    url = _absolute(base_url, link)
    allowed = {origin_of(base_url), *(origin_of(origin) for origin in download_origins)}
    if origin_of(url) not in allowed:
        raise ForbiddenAddress(
            f"Transifex offers the file at {origin_of(url)[1]}, which is not an allowed download host: add it to the "
            "allowed ones if you trust it.",
            Particulars(url=without_secret(url)),
        )
    check_protected(url)
    return url


def without_secret(url: str) -> str:
    """Return an address without query and fragment, where download links carry their secret."""
    return url.partition("#")[0].partition("?")[0]
