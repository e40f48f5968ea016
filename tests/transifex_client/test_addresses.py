import pytest

from transifex_client.addresses import check_download, check_protected, resolve_within
from transifex_client.configuration import Configuration
from transifex_client.errors import ForbiddenAddress

API = "https://rest.api.transifex.com"
STORAGE = ("https://storage.svc.transifex.net",)


@pytest.mark.parametrize(
    "link", ["/resources?page[cursor]=x", f"{API}/resources?page[cursor]=x", f"{API}:443/resources?page[cursor]=x"]
)
def test_links_within_the_api_are_followed(link: str) -> None:
    """The next page may be named relatively or absolutely."""
    assert resolve_within(API, link).endswith("/resources?page[cursor]=x")


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/resources",
        "//evil.example/resources",
        "http://rest.api.transifex.com/resources",
        "https://rest.api.transifex.com:8443/resources",
        "https://rest.api.transifex.com.evil.example/",
        "https://rest.api.transifex.com@evil.example/",
        "https://user:pass@rest.api.transifex.com/",
        "file:///etc/passwd",
        "https://[",
    ],
)
def test_links_out_of_the_api_are_refused(link: str) -> None:
    """Another host, port or scheme never sees a request that carries the token."""
    with pytest.raises(ForbiddenAddress):
        resolve_within(API, link)


def test_files_may_be_fetched_from_the_storage_and_from_the_api_only() -> None:
    """The allowed download hosts are a list, and the API's own origin."""
    assert check_download(API, STORAGE, f"{STORAGE[0]}/files/x?auth=y") == f"{STORAGE[0]}/files/x?auth=y"
    assert check_download(API, STORAGE, "/files/x") == f"{API}/files/x"
    for link in ("https://169.254.169.254/latest", "http://storage.svc.transifex.net/x", "https://localhost/x"):
        with pytest.raises(ForbiddenAddress):
            check_download(API, STORAGE, link)


def test_the_secret_of_a_refused_link_is_not_told() -> None:
    """An error names the place, not the secret that opens it."""
    with pytest.raises(ForbiddenAddress) as caught:
        check_download(API, STORAGE, "https://evil.example/file?auth=SECRET")
    assert "SECRET" not in str(caught.value) + caught.value.about.url


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:1", "https://example.org"])
def test_plain_http_is_for_this_machine_only(url: str) -> None:
    """A token may travel over https, or over plain http within this machine."""
    check_protected(url)


@pytest.mark.parametrize("url", ["http://example.org", "http://127.0.0.1.example.org", "http://10.0.0.1"])
def test_a_token_is_not_sent_over_plain_http(url: str) -> None:
    """A configuration that would show the token on the way cannot be made."""
    with pytest.raises(ForbiddenAddress):
        Configuration("token", base_url=url)


@pytest.mark.parametrize("token", ["", " ", "abc\n", "tök"])
def test_a_token_that_no_header_can_carry_is_refused_without_being_shown(token: str) -> None:
    """A wrong token is refused early and not repeated in the error."""
    with pytest.raises(ValueError, match="token") as caught:
        Configuration(token)
    assert token.strip() == "" or token.strip() not in str(caught.value)
