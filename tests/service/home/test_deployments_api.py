"""Deployments, sources, scope, jobs and runs over the API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.sample import sample_path
from tests.service.home.conftest import Api

FILE = (sample_path() / "configuration.json").read_bytes()


def _send(api: Api, path: str, data: bytes, file: str = "configuration.json", **form: str) -> Any:
    headers = dict(api("administrator", slug=None).headers)
    return api.client.post(f"/api/v1{path}", headers=headers, files={"source": (file, data)}, data=form)


def _new(api: Api, **form: str) -> Any:
    return _send(api, "/deployments", FILE, **{"slug": "lakes", "name": "Lakes", "locales": "fr,ku-IQ=ku_IQ", **form})


def test_everybody_sees_their_own(api: Api) -> None:
    """The list holds the deployments that one is a member of, with the numbers of each language."""
    [mine] = api("observer").get("/deployments").json()
    assert (mine["slug"], mine["units"], mine["snapshot"]) == ("iraq", 5, 1)
    french = next(row for row in mine["locales"] if row["locale"] == "fr")
    assert (french["translated"], french["untranslated"], french["blocked"], french["approved_percent"]) == (4, 1, 1, 0)
    assert [row["slug"] for row in api("observer", slug=None).get("/deployments").json()] == ["iraq", "other"]
    assert api(None, slug=None).get("/deployments").json() == []


def test_a_deployment_is_made_from_a_file(api: Api) -> None:
    """An uploaded configuration becomes a deployment, with its languages and its first snapshot."""
    answer = _new(api)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["slug"], made["units"], made["snapshot"]) == ("lakes", 496, 1)
    assert {row["locale"]: row["transifex_language"] for row in made["locales"]} == {"fr": "fr", "ku-IQ": "ku_IQ"}
    assert _new(api).status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"slug": "Not A Slug"}, {"name": " "}, {"locales": "fr,xx"}, {"locales": "fr,fr"}, {"locales": "="},
        {"transifex": "project"}, {"source_locale": "xx"}, {"locales": "fr=a,ar=a"},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_a_deployment_is_said(api: Api, wrong: dict[str, str]) -> None:
    """A value that cannot be answers 422 with a sentence, and no deployment is made."""
    answer = _new(api, **wrong)
    assert answer.status_code == 422
    assert answer.json()["detail"].endswith((".", "?"))
    assert "Field required" not in answer.text
    assert len(api("observer", slug=None).get("/deployments").json()) == 2


BAD = [
    (b"", "empty.json"),
    (b"{", "broken.json"),
    (b'{"forms": 3}', "odd.json"),
    (b"\x00\x01", "binary.json"),
    (json.dumps({"FormSection": [{"unique_id": "x", "name_i18n": 5}]}).encode(), "shape.json"),
    (b"PK\x03\x04broken", "broken.zip"),
    (b"[" * 100_000, "deep.json"),
]


@pytest.mark.parametrize(("data", "name"), BAD, ids=[name for _, name in BAD])
@pytest.mark.parametrize("path", ["/deployments", "/deployments/iraq/source"])
def test_a_bad_source_is_named(api: Api, data: bytes, name: str, path: str) -> None:
    """A file that cannot be used answers 422 as a problem that names the file and the place, and changes nothing."""
    answer = _send(api, path, data, name, **({"slug": "lakes", "name": "Lakes"} if path == "/deployments" else {}))
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert (problem["code"], problem["details"]["file"]) == ("bad-input", name)
    assert "path" in problem["details"]
    assert api("observer").get("/deployments/iraq").json()["snapshot"] == 1


def test_a_missing_file_or_field_is_named(api: Api) -> None:
    """A form without its file, or with a value of the wrong kind, answers 422 and names it."""
    headers = dict(api("administrator", slug=None).headers)
    assert "source" in api.client.post("/api/v1/deployments/iraq/source", headers=headers).text
    answer = _send(api, "/deployments/iraq/source", FILE, dry_run="perhaps")
    assert answer.status_code == 422
    assert "dry_run" in answer.text


def _source(title: str, **texts: str) -> bytes:
    fields = [{"name": name, "type": "text_field", "display_name_i18n": {"en": text}} for name, text in texts.items()]
    form = {"unique_id": "consent", "parent_form": "case", "name_i18n": {"en": title}, "fields_attributes": fields}
    return json.dumps({"FormSection": [form], "Role": [{"name": "Worker"}]}).encode()


def test_a_newer_source_is_planned_imported_and_undone(api: Api) -> None:
    """A dry run says what would change and changes nothing; the import does it; an older snapshot can come back."""
    first = _source("Consent", agree="Agree?", share="Share?")
    assert _send(api, "/deployments", first, slug="small", name="Small").status_code == 201
    newer = _source("Consent", agree="Do you agree?", share="Share?", when="When?")
    planned = _send(api, "/deployments/small/source", newer, dry_run="true").json()
    numbers = {name: planned[name] for name in ("added", "changed", "unchanged", "retired")}
    assert numbers == {"added": 1, "changed": 1, "unchanged": 2, "retired": 0}
    assert planned["snapshot"] is None
    assert [problem["code"] for problem in planned["problems"]] == ["dropped-records"]
    done = _send(api, "/deployments/small/source", newer).json()
    assert {name: done[name] for name in numbers} == numbers
    assert done["snapshot"] == 2
    assert done["changed_texts"] == [
        {
            "key": "form/consent/agree/display_name",
            "old": "Agree?",
            "new": "Do you agree?",
            "diff": "[-Agree-]{+Do you agree+}?",
        }
    ]
    assert _send(api, "/deployments/small/source", newer).json()["same_as_current"] is True
    back = api("administrator", slug=None).post("/deployments/small/snapshots/1/activate").json()
    assert (back["retired"], back["changed"]) == (1, 1)
    assert api("administrator", slug=None).post("/deployments/small/snapshots/9/activate").status_code == 404


def test_units_that_moved_are_offered(api: Api) -> None:
    """A question that was renamed is offered by a dry run, and taken along on request."""
    texts = {f"q{number}": f"Question {number}" for number in range(10)}
    assert _send(api, "/deployments", _source("Consent", **texts), slug="small", name="Small").status_code == 201
    texts["ask"] = texts.pop("q0")
    moved = [{"old": "form/consent/q0/display_name", "new": "form/consent/ask/display_name"}]
    newer = _source("Consent", **texts)
    assert _send(api, "/deployments/small/source", newer, dry_run="true").json()["moved_units"] == moved
    done = _send(api, "/deployments/small/source", newer, adopt_moved="true").json()
    assert (done["moved_units"], done["texts_adopted"]) == (moved, {})


def test_the_wrong_file_is_not_imported_by_mistake(api: Api) -> None:
    """A source that would retire more than a tenth answers 409 and says what to send; with that it goes on."""
    answer = _send(api, "/deployments/iraq/source", FILE)
    assert answer.status_code == 409
    assert _send(api, "/deployments/iraq/source", FILE, allow_removals="true").json()["retired"] == 5


def test_the_format_is_chosen_and_shown(api: Api) -> None:
    """A deployment is made in a format, which can be changed as long as nothing was pushed; another one is refused."""
    made = _new(api, transifex_format="PO").json()
    assert made["transifex_format"] == "PO"
    me = api("specialist")
    assert me.get("/deployments/iraq").json()["transifex_format"] == "YML"
    answer = me.post("/deployments/iraq/format", {"transifex_format": "STRUCTURED_JSON"})
    assert (answer.status_code, answer.json()["transifex_format"]) == (200, "STRUCTURED_JSON")
    assert me.post("/deployments/iraq/format", {"transifex_format": "KEYVALUEJSON"}).status_code == 422
    assert _new(api, slug="odd", transifex_format="odd").status_code == 422


def test_scope_is_changed_and_counted(api: Api) -> None:
    """What is left out is no longer counted nor listed, and comes back."""
    me = api("specialist")
    body = {"action": "exclude", "pattern": "lookup/*"}
    assert me.post("/deployments/iraq/scope", body).json() == {"matched": 1, "changed": 1}
    assert me.get("/deployments/iraq").json()["units"] == 4
    assert me.post("/deployments/iraq/scope", {**body, "action": "include"}).json()["changed"] == 1
    assert me.get("/deployments/iraq").json()["units"] == 5


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"action": "tag", "pattern": "*", "tag": "wrong", "reason": "x"}, 422),
        ({"action": "tag", "pattern": "*", "tag": "sensitive"}, 422),
        ({"action": "tag", "pattern": "*", "tag": "priority=10", "reason": "x"}, 422),
        ({"action": "exclude", "pattern": "nothing/*"}, 404),
        ({"action": "exclude", "pattern": ""}, 422),
        ({"action": "drop", "pattern": "*"}, 422),
    ],
)
def test_a_rule_that_cannot_be_is_refused(api: Api, body: dict[str, str], status: int) -> None:
    """An unknown tag, a missing reason, a pattern that matches nothing: each is said."""
    assert api("specialist").post("/deployments/iraq/scope", body).status_code == status


@pytest.mark.parametrize("kind", ["push", "pull"])
def test_an_exchange_is_a_job(api: Api, kind: str) -> None:
    """A push or pull is queued once however often it is asked for, and can be asked for."""
    me = api("specialist")
    answer = me.post(f"/deployments/iraq/{kind}")
    assert answer.status_code == 202
    job = answer.json()
    assert (job["kind"], job["state"], job["result"]) == (kind, "queued", None)
    assert me.post(f"/deployments/iraq/{kind}").json()["id"] == job["id"]
    assert api("observer").get(f"/jobs/{job['id']}").json() == job
    assert api("observer").get("/deployments/iraq/runs").json() == []


def test_the_api_describes_itself(api: Api) -> None:
    """The OpenAPI document names an operation for each route, each with a summary, an answer and an id of its own."""
    document = api("observer").get("/openapi.json").json()
    assert document["openapi"].startswith("3.")
    operations = [row for path in document["paths"].values() for row in path.values()]
    assert all(row["summary"] and row["responses"] for row in operations)
    assert len({row["operationId"] for row in operations}) == len(operations)
    text = json.dumps(document)
    names = set(document["components"]["schemas"])
    used = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert used <= names
