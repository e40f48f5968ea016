"""Signing in to the sandbox, its lists, and what no probe shows."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from service.primero.sandbox.faults import Fault, FaultKind
from service.primero.sandbox.http import Response
from service.primero.sandbox.server import serve
from tests.support.primero import PASSWORD, USER, Ticking, ask, form_number, make_sandbox

CREDENTIALS = {"user": {"user_name": USER, "password": PASSWORD}}


def _cookies(response: Response) -> dict[str, str]:
    pairs = [value.partition(";")[0].partition("=") for name, value in response.headers if name == "Set-Cookie"]
    return {name: value for name, _, value in pairs}


def _session(response: Response, **more: str) -> dict[str, str]:
    found = _cookies(response)
    return {"cookie": "; ".join(f"{name}={value}" for name, value in found.items()), **more}


def test_languages_are_told_to_everybody_and_nothing_else() -> None:
    """The enabled languages need no sign-in; forms do."""
    sandbox = make_sandbox(locales=("en", "fr"))
    assert ask(sandbox, "GET", "/api/v2/primero", headers={}).json()["data"]["locales"] == ["en", "fr"]
    assert ask(sandbox, "GET", "/api/v2/forms", headers={}).status == 401


def test_a_session_reads_with_its_cookie_and_writes_with_its_token() -> None:
    """A change without the token in the header is refused, with it done; after an hour without requests it is over."""
    clock = Ticking()
    sandbox = make_sandbox(clock=clock)
    signed_in = ask(sandbox, "POST", "/api/v2/tokens", CREDENTIALS, {})
    assert signed_in.json()["user_name"] == USER
    number = form_number(sandbox, "nl_consent")
    change = {"data": {"name": {"fr": "Accord"}}}
    assert ask(sandbox, "GET", "/api/v2/forms", headers=_session(signed_in)).status == 200
    assert ask(sandbox, "PATCH", f"/api/v2/forms/{number}", change, _session(signed_in)).status == 422
    token = {"x-csrf-token": _cookies(signed_in)["CSRF-TOKEN"]}
    assert ask(sandbox, "PATCH", f"/api/v2/forms/{number}", change, _session(signed_in, **token)).status == 200
    clock.sleep(3599)
    assert ask(sandbox, "GET", "/api/v2/forms", headers=_session(signed_in)).status == 200
    clock.sleep(3601)
    assert ask(sandbox, "GET", "/api/v2/forms", headers=_session(signed_in)).status == 401


def test_a_new_sign_in_ends_the_other_session_of_the_account() -> None:
    """Two programs with one account throw each other out."""
    sandbox = make_sandbox()
    first = ask(sandbox, "POST", "/api/v2/tokens", CREDENTIALS, {})
    ask(sandbox, "POST", "/api/v2/tokens", CREDENTIALS, {})
    assert ask(sandbox, "GET", "/api/v2/forms", headers=_session(first)).status == 401


def test_sign_ins_are_counted_by_the_minute() -> None:
    """The seventh within a minute is refused, and a minute later none is."""
    clock = Ticking()
    sandbox = make_sandbox(clock=clock)
    statuses = [ask(sandbox, "POST", "/api/v2/tokens", CREDENTIALS, {}).status for _ in range(7)]
    assert statuses == [200] * 6 + [429]
    clock.sleep(61)
    assert ask(sandbox, "POST", "/api/v2/tokens", CREDENTIALS, {}).status == 200


def test_six_wrong_passwords_lock_the_account_for_half_an_hour() -> None:
    """Then the right one is refused too, until the time is over."""
    clock = Ticking()
    sandbox = make_sandbox(clock=clock)
    wrong = {"authorization": "Basic YnJpZGdlOndyb25n"}
    for _ in range(6):
        assert ask(sandbox, "GET", "/api/v2/forms", headers=wrong).status == 401
    assert ask(sandbox, "GET", "/api/v2/forms").status == 401
    clock.sleep(1801)
    assert ask(sandbox, "GET", "/api/v2/forms").status == 200


def test_lookups_come_twenty_to_a_page() -> None:
    """Without ``per`` a page has twenty, and the metadata says how many there are."""
    lookups = [{"unique_id": f"lookup-{n}", "name_i18n": {"en": "L"}, "lookup_values_i18n": []} for n in range(45)]
    sandbox = make_sandbox({"FormSection": [], "Lookup": lookups})
    page = ask(sandbox, "GET", "/api/v2/lookups?page=3").json()
    assert [len(page["data"]), page["metadata"]] == [5, {"total": 45, "per": 20, "page": 3}]
    assert len(ask(sandbox, "GET", "/api/v2/lookups?per=1000").json()["data"]) == 45


def test_a_name_is_no_address() -> None:
    """Only the number finds a form."""
    assert ask(make_sandbox(), "GET", "/api/v2/forms/nl_consent").status == 404


def _form(**field: Any) -> dict[str, Any]:
    fields = [{"name": "a", "type": "tick_box", "display_name_i18n": {"en": "A"}, **field}]
    return {"FormSection": [{"unique_id": "f", "name_i18n": {"en": "F"}, "fields_attributes": fields}], "Lookup": []}


def test_a_restricted_account_loses_texts_without_a_word() -> None:
    """A tick box's label is dropped, the field's own label is taken, and the answer says that all is well."""
    sandbox = make_sandbox(_form(tick_box_label_i18n={"en": "Yes"}), restricted=True)
    field = {"name": "a", "display_name": {"fr": "A!"}, "tick_box_label": {"fr": "Oui"}}
    assert ask(sandbox, "PATCH", "/api/v2/forms/1", {"data": {"fields": [field]}}).status == 200
    shown = ask(sandbox, "GET", "/api/v2/forms/1").json()["data"]["fields"][0]
    assert (shown["display_name"]["fr"], shown["tick_box_label"]["fr"]) == ("A!", "")


def test_a_forms_name_is_judged_in_the_language_of_the_account() -> None:
    """An account in French may not give a form a French name with an exclamation mark; one in English may."""
    change = {"data": {"name": {"fr": "Vite !"}}}
    assert ask(make_sandbox(_form(), locale="fr"), "PATCH", "/api/v2/forms/1", change).status == 422
    assert ask(make_sandbox(_form()), "PATCH", "/api/v2/forms/1", change).status == 200


def test_a_time_in_a_text_is_rewritten_when_another_language_is_saved() -> None:
    """An English text that looks like a full timestamp comes back in Primero's form; a date alone does not."""
    sandbox = make_sandbox(_form(help_text_i18n={"en": "2020-01-01 10:00:00", "es": "2020-01-01"}))
    field = {"name": "a", "help_text": {"fr": "x"}}
    ask(sandbox, "PATCH", "/api/v2/forms/1", {"data": {"fields": [field]}})
    stored = sandbox.store.configuration()["FormSection"][0]["fields_attributes"][0]["help_text_i18n"]
    assert stored == {"en": "2020-01-01T10:00:00.000Z", "es": "2020-01-01", "fr": "x"}


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [(FaultKind.BUSY, 503, "Retry-After: 7"), (FaultKind.FAILED, 500, "Error"), (FaultKind.GATEWAY, 502, "html")],
)
def test_trouble_comes_on_demand_and_goes(kind: FaultKind, status: int, words: str) -> None:
    """A fault spoils as many answers as it says, and does not carry out what was asked for."""
    sandbox = make_sandbox(_form())
    sandbox.faults.append(Fault(kind, seconds=7, method="PATCH"))
    change = {"data": {"name": {"fr": "G"}}}
    spoilt = ask(sandbox, "PATCH", "/api/v2/forms/1", change)
    assert (spoilt.status, words in spoilt.body.decode()) == (status, True)
    assert ask(sandbox, "GET", "/api/v2/forms/1").json()["data"]["name"]["fr"] == ""
    assert ask(sandbox, "PATCH", "/api/v2/forms/1", change).status == 200


def test_the_server_answers_on_this_machine() -> None:
    """It speaks HTTP, keeps connections, and can be closed while one is open."""
    with serve(make_sandbox()) as running, httpx.Client(base_url=running.url, auth=(USER, PASSWORD)) as client:
        assert running.url.startswith("http://127.0.0.1:")
        assert len(client.get("/api/v2/forms").json()["data"]) == 20
        refused = client.patch("/api/v2/forms/1", content=b"{")
        assert (refused.status_code, json.loads(refused.content)["errors"][0]["status"]) == (400, 400)
