"""Talking to a Primero: the three ways to sign in, what is sent again and what never is, and what is believed."""

from __future__ import annotations

import base64
from collections.abc import Callable

import httpx
import pytest

from service.primero.client import Configuration, PrimeroClient, SignIn, errors
from service.primero.sandbox.faults import Fault, FaultKind
from tests.support.primero import PASSWORD, URL, USER, Ticking, form_number, make_client, make_sandbox


@pytest.mark.parametrize("sign_in", list(SignIn))
def test_each_way_to_sign_in_reads_and_writes(sign_in: SignIn) -> None:
    """Basic, session and bearer read the forms and change one."""
    sandbox = make_sandbox(bearer=PASSWORD)
    number = form_number(sandbox, "nl_consent")
    with make_client(sandbox, sign_in=sign_in) as client:
        assert len(client.list_forms()) == 20
        client.change_form(number, {"name": {"fr": "Accord"}})
        assert client.get_form(number)["name"]["fr"] == "Accord"
    assert [path for method, path in sandbox.requests if method == "POST"] == (
        ["/api/v2/tokens"] if sign_in is SignIn.SESSION else []
    )


@pytest.mark.parametrize("sign_in", list(SignIn))
def test_a_refused_password_is_sent_once(sign_in: SignIn) -> None:
    """Whatever is asked afterwards, nothing is sent any more: six wrong ones would lock the account."""
    sandbox = make_sandbox()
    with make_client(sandbox, password="wrong", sign_in=sign_in) as client:
        for _ in range(3):
            with pytest.raises(errors.PasswordRefused) as caught:
                client.list_forms()
    assert len(sandbox.requests) == 1
    assert "wrong" not in str(caught.value)


def test_a_session_that_ended_is_opened_again_once() -> None:
    """A restart of Primero forgets the session; the client signs in again and goes on."""
    sandbox = make_sandbox()
    with make_client(sandbox, sign_in=SignIn.SESSION) as client:
        client.list_forms()
        sandbox.accounts.end_sessions()
        assert len(client.list_forms()) == 20
        sandbox.accounts.get(USER).password = "another"
        sandbox.accounts.end_sessions()
        with pytest.raises(errors.PasswordRefused):
            client.list_forms()
        posts = [path for method, path in sandbox.requests if method == "POST"]
        assert len(posts) == 3


def test_a_busy_primero_is_waited_for_as_long_as_it_says() -> None:
    """While a configuration is applied a change waits for the seconds in the error's detail, and is then sent."""
    clock = Ticking()
    sandbox = make_sandbox(clock=clock)
    sandbox.faults.append(Fault(FaultKind.BUSY, times=6, seconds=20, method="PATCH"))
    with make_client(sandbox, clock=clock) as client:
        client.change_form(1, {"name": {"fr": "F"}})
    assert clock.slept == [20] * 6


def test_waiting_ends_with_the_deadline() -> None:
    """What takes longer than a call may is given up with what was the matter."""
    clock = Ticking()
    sandbox = make_sandbox(clock=clock)
    sandbox.faults.append(Fault(FaultKind.BUSY, times=1000, seconds=60))
    with make_client(sandbox, clock=clock) as client, pytest.raises(errors.Busy):
        client.list_forms()
    assert sum(clock.slept) <= 300


@pytest.mark.parametrize("kind", [FaultKind.FAILED, FaultKind.GATEWAY, FaultKind.CUT])
def test_reading_is_tried_again(kind: FaultKind) -> None:
    """A failed read is sent again, at most four times."""
    sandbox = make_sandbox()
    sandbox.faults.append(Fault(kind, times=3))
    with make_client(sandbox) as client:
        assert len(client.list_forms()) == 20
    sandbox.faults.append(Fault(kind, times=4))
    with make_client(sandbox) as client, pytest.raises(errors.PrimeroError):
        client.list_forms()


@pytest.mark.parametrize("kind", [FaultKind.FAILED, FaultKind.GATEWAY, FaultKind.CUT, FaultKind.SLOW])
def test_a_change_whose_answer_is_lost_is_not_sent_again(kind: FaultKind) -> None:
    """It may have been done: whoever asked has to look."""
    sandbox = make_sandbox()
    sandbox.faults.append(Fault(kind, method="PATCH", seconds=999, carried_out=True))
    with make_client(sandbox) as client, pytest.raises((errors.NoAnswer, errors.ServerError)):
        client.change_form(1, {"name": {"fr": "F"}})
    assert [method for method, _ in sandbox.requests] == ["PATCH"]


def test_lookups_are_read_to_the_last_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are followed until the total is there."""
    monkeypatch.setattr("service.primero.client._PER_PAGE", 7)
    sandbox = make_sandbox()
    with make_client(sandbox) as client:
        assert len({lookup["unique_id"] for lookup in client.list_lookups()}) == 18
    assert len(sandbox.requests) == 3


def test_the_account_is_told_as_far_as_primero_tells_it() -> None:
    """Language and right come from the account's own record; an account that may not look is unknown."""
    with make_client(make_sandbox(locale="fr", restricted=True)) as client:
        account = client.find_account()
    assert (account.locale, account.manages_forms) == ("fr", False)
    with make_client(make_sandbox(sees_users=False)) as client:
        account = client.find_account()
    assert (account.locale, account.manages_forms) == (None, None)


def _client(answer: Callable[[httpx.Request], httpx.Response]) -> PrimeroClient:
    clock = Ticking()
    return PrimeroClient(
        Configuration(URL, USER, PASSWORD),
        transport=httpx.MockTransport(answer),
        sleep=clock.sleep,
        clock=clock,
    )


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b'{"data": {}}', b'{"data": [1]}', b"", b"[" * 100_000], ids=range(6)
)  # fmt: skip
def test_what_is_no_answer_of_primero_is_refused(body: bytes) -> None:
    """A page, a list, another shape or absurd nesting is one clear error."""
    with _client(lambda _: httpx.Response(200, content=body)) as client, pytest.raises(errors.UnexpectedAnswer):
        client.list_forms()


def test_no_redirect_is_followed() -> None:
    """The password goes nowhere else."""
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.host)
        return httpx.Response(302, headers={"Location": "https://elsewhere.example.org/"})

    with _client(answer) as client, pytest.raises(errors.UnexpectedAnswer, match="not followed"):
        client.list_forms()
    assert seen == ["primero.example.org"]


def test_a_password_that_is_said_back_is_not_repeated() -> None:
    """Whatever Primero says, the secret stands in no error."""

    def answer(request: httpx.Request) -> httpx.Response:
        given = base64.b64decode(request.headers["authorization"].partition(" ")[2]).decode()
        return httpx.Response(422, json={"errors": [{"message": f"bad {given}"}]})

    with _client(answer) as client, pytest.raises(errors.Invalid) as caught:
        client.list_forms()
    assert PASSWORD not in str(caught.value)
    assert PASSWORD not in repr(client)


def test_an_answer_without_end_is_refused() -> None:
    """More than the limit is not read."""
    configuration = Configuration(URL, USER, PASSWORD, answer_limit=1000)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=b"x" * 5000))
    with PrimeroClient(configuration, transport=transport) as client, pytest.raises(errors.UnexpectedAnswer):
        client.list_forms()


@pytest.mark.parametrize(
    ("url", "secret", "error"),
    [
        ("http://primero.example.org", "x", errors.ForbiddenAddress),
        ("https://user:pw@primero.example.org", "x", errors.ForbiddenAddress),
        ("https://primero.example.org/?a=b", "x", errors.ForbiddenAddress),
        ("ftp://primero.example.org", "x", errors.ForbiddenAddress),
        ("primero.example.org", "x", errors.ForbiddenAddress),
        ("https://[::1", "x", errors.ForbiddenAddress),
        ("https://primero.example.org", "", ValueError),
        ("https://primero.example.org", "a\nb", ValueError),
    ],
)
def test_what_must_not_be_used_is_refused_before_anything_is_sent(
    url: str, secret: str, error: type[Exception]
) -> None:
    """Plain http, passwords in addresses and secrets that no header carries never reach the wire."""
    with pytest.raises(error):
        Configuration(url, USER, secret)
