"""What people do on the platform itself, as the sandbox offers it to the demo."""

import json

import pytest

from tests.transifex_client.conftest import PROJECT, SOURCE, Ask
from transifex_client import TransifexClient
from transifex_client.errors import NotFound


def test_a_volunteer_works_over_http_too(client: TransifexClient, ask: Ask, filled: str) -> None:
    """The controls translate and review as a named person, and tell what they changed."""
    call = {"project": "app", "resource": "forms", "language": "fr", "user": "amina"}
    told = ask("POST", "/_sandbox/translate", json.dumps(call | {"texts": {"form": "Formulaire"}}).encode())
    assert told.json() == {"changed": 1}
    assert ask("POST", "/_sandbox/review", json.dumps(call | {"keys": ["form"]}).encode()).status == 200
    row = client.list_translations(filled, "fr", key="form")[0]
    assert (row.strings, row.origin, row.translator, row.reviewed) == ({"other": "Formulaire"}, "EDITOR", "amina", True)
    assert client.get_user("amina").username == "amina"
    state = ask("GET", "/_sandbox/state").json()
    assert isinstance(state, dict)
    assert state["resources"][0]["languages"] == {"fr": {"translated": 1, "reviewed": 1}}
    assert ask("POST", "/_sandbox/reset").status == 204
    assert ask("GET", f"/projects/{PROJECT}").status == 404
    assert ask("GET", "/organizations/o:sandbox").status == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"resource": "none"}, 404),
        ({"language": "de"}, 404),
        ({"texts": {"none": "x"}}, 404),
        ({"texts": {"form": 5}}, 400),
        ({"texts": {"form": ""}}, 400),
        ({"user": "a b"}, 400),
        ({"user": ""}, 400),
    ],
)
def test_a_volunteer_who_errs_is_told(ask: Ask, filled: str, change: dict[str, object], status: int) -> None:
    """Wrong names and texts are refused, and nothing changes."""
    call = {"project": "app", "resource": "forms", "language": "fr", "user": "amina", "texts": {"form": "x"}} | change
    assert ask("POST", "/_sandbox/translate", json.dumps(call).encode()).status == status


def call(ask: Ask, control: str, **said: object) -> tuple[int, object]:
    response = ask("POST", f"/_sandbox/{control}", json.dumps(HERE | said).encode())
    return response.status, response.json() if response.body else None


HERE = {"project": "app", "resource": "forms", "user": "amina"}


def test_a_volunteer_comments_and_opens_issues(client: TransifexClient, ask: Ask, filled: str) -> None:
    """What a volunteer says in the editor is there for the API, under the volunteer's name."""
    status, told = call(
        ask, "comment", language="fr", key="form", message="Noun or verb?", type="issue", priority="high"
    )
    assert status == 200
    assert call(ask, "comment", language="ar", key="form", message="Thanks")[0] == 200
    thanks, issue = client.list_comments("o:sandbox")
    assert told == {"id": issue.id}
    assert (issue.type, issue.status, issue.priority, issue.author) == ("issue", "open", "high", "amina")
    assert (thanks.type, thanks.status, thanks.language, thanks.message) == ("comment", None, "ar", "Thanks")
    assert client.get_user("amina").username == "amina"


@pytest.mark.parametrize("keep", [True, False])
def test_a_volunteer_edits_a_source_text(client: TransifexClient, ask: Ask, filled: str, keep: bool) -> None:
    """A source text that is edited online loses its translations unless they are kept, and is safe from uploads."""
    call(ask, "translate", language="fr", texts={"form": "Formulaire", "case.name": "Nom"})
    assert call(ask, "edit", key="form", text="The form", keep_translations=keep) == (200, {"changed": 1})
    assert call(ask, "edit", key="form", text="The form") == (200, {"changed": 0})
    string = client.list_strings(filled, key="form")[0]
    assert string.strings == {"other": "The form"}
    rows = {row.string: row.strings for row in client.list_translations(filled, "fr")}
    assert (rows[string.id] is not None) is keep
    assert list(rows.values()).count(None) == (0 if keep else 1)
    client.upload_source(filled, SOURCE, keep_translations=True)
    assert client.list_strings(filled, key="form")[0].strings == {"other": "The form"}


def test_a_volunteer_deletes_a_key(client: TransifexClient, ask: Ask, filled: str) -> None:
    """A deleted key is gone with its translations, until the next upload of a file that has it, untranslated."""
    call(ask, "translate", language="fr", texts={"form": "Formulaire"})
    assert call(ask, "delete", key="form") == (200, {"changed": 1})
    assert [string.key for string in client.list_strings(filled)] == ["case.name"]
    assert client.list_statistics(PROJECT, resource=filled, language="fr")[0].translated_strings == 0
    client.upload_source(filled, SOURCE, keep_translations=True)
    assert client.list_translations(filled, "fr", key="form")[0].strings is None


def test_somebody_signs_up(client: TransifexClient, ask: Ask) -> None:
    """A person who has done nothing yet can have an account."""
    with pytest.raises(NotFound):
        client.get_user("omar")
    assert call(ask, "users", user="omar") == (204, None)
    assert client.get_user("omar").username == "omar"


@pytest.mark.parametrize(
    ("control", "said", "status"),
    [
        ("comment", {"language": "fr", "key": "form"}, 400),
        ("comment", {"language": "fr", "key": "none", "message": "x"}, 404),
        ("comment", {"language": "de", "key": "form", "message": "x"}, 404),
        ("comment", {"language": "fr", "key": "form", "message": "x", "type": "praise"}, 400),
        ("comment", {"language": "fr", "key": "form", "message": "x", "priority": 1}, 400),
        ("edit", {"key": "form"}, 400),
        ("edit", {"key": "form", "text": ""}, 400),
        ("edit", {"key": "form", "text": {"one": "a", "other": "b"}}, 400),
        ("edit", {"key": "form", "text": {"other": 5}}, 400),
        ("edit", {"key": "form", "text": "x", "keep_translations": "no"}, 400),
        ("edit", {"key": "none", "text": "x"}, 404),
        ("delete", {"key": "none"}, 404),
        ("delete", {"key": ""}, 400),
        ("delete", {"key": "form", "user": "a b"}, 400),
        ("delete", {"key": "form", "resource": "none"}, 404),
        ("users", {"user": "a b"}, 400),
    ],
)
def test_a_volunteer_who_errs_elsewhere_is_told_too(
    client: TransifexClient, ask: Ask, filled: str, control: str, said: dict[str, object], status: int
) -> None:
    """Wrong names, texts and choices are refused, and nothing changes."""
    before = client.list_strings(filled)
    assert call(ask, control, **said)[0] == status
    assert client.list_strings(filled) == before
    assert client.list_comments("o:sandbox") == ()
