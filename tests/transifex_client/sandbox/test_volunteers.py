"""What people do on the platform itself, as the sandbox offers it to the demo."""

import json

import pytest

from tests.transifex_client.conftest import PROJECT, Ask
from transifex_client import TransifexClient


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
