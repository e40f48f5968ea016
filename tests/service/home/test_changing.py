"""A deployment's settings: its name, whether a lone reviewer may approve, what becomes of conflicts."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from service.audit.models import AuditEntry
from service.db import Database
from service.deployments.service import find_deployment
from service.errors import BadInput, NotPermitted
from service.home.commands.deployments import mount
from service.web.resources import Resources
from tests.service.home.conftest import Api
from tests.support.commands import Say, make_say
from tests.support.people import UserMaker


@pytest.fixture
def say(api: Api, resources: Resources, make_user: UserMaker) -> Say:
    """Run a command about the deployment ``iraq``."""
    return make_say(resources, make_user, api.ids["iraq"], mount)


def stored(database: Database) -> tuple[str, bool, str]:
    with database.read() as session:
        found = find_deployment(session, "iraq")
        return found.name, found.lone_reviewer, found.conflict_policy.value


def changes(database: Database) -> list[dict[str, Any]]:
    with database.read() as session:
        query = select(AuditEntry).where(AuditEntry.action == "deployment.set")
        return [entry.detail for entry in session.exec(query)]


def test_settings_are_changed_over_the_api(api: Api) -> None:
    """What is named changes, the rest stays; the answer and the next look show it."""
    answer = api.client.patch(
        "/api/v1/deployments/iraq", json={"lone_reviewer": True, "conflict_policy": "keep-ours"},
        headers=dict(api("specialist").headers),
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert (answer.json()["name"], answer.json()["lone_reviewer"], answer.json()["conflict_policy"]) == (
        "Iraq", True, "keep-ours",
    )  # fmt: skip
    assert api("observer").get("/deployments/iraq").json()["lone_reviewer"]
    assert stored(api.database) == ("Iraq", True, "keep-ours")


@pytest.mark.parametrize(
    "body",
    [{}, {"name": None}, {"name": " "}, {"name": "x" * 201}, {"lone_reviewer": "yes"}, {"lone_reviewer": 1},
     {"conflict_policy": "theirs"}, {"slug": "syria"}, {"name": "Syria", "transifex_project": "o:a:p:b"}],
)  # fmt: skip
def test_a_body_that_cannot_be_used_changes_nothing(api: Api, body: dict[str, Any]) -> None:
    """An unknown member, a wrong type and an empty change are refused as a whole."""
    answer = api.client.patch("/api/v1/deployments/iraq", json=body, headers=dict(api("specialist").headers))
    assert answer.status_code in (400, 422)
    assert stored(api.database) == ("Iraq", False, "ask")


def test_the_audit_holds_what_was_and_what_is(api: Api, say: Say) -> None:
    """Old and new values of what changed, once; saying the same again is no change."""
    for _ in range(2):
        say("deployment", "set", "iraq", "--name", " Iraq, south ", "--lone-reviewer", "yes", role="specialist")
    say("deployment", "set", "iraq", "--name", "Iraq, south", "--lone-reviewer", "no", role="specialist")
    assert changes(api.database) == [
        {
            "before": {"name": "Iraq", "lone_reviewer": False},
            "after": {"name": "Iraq, south", "lone_reviewer": True},
        },
        {"before": {"lone_reviewer": True}, "after": {"lone_reviewer": False}},
    ]


def test_the_command_shows_how_it_stands_now(say: Say) -> None:
    """People read whether a lone reviewer may approve, and the policy."""
    lines = say("deployment", "set", "iraq", "--lone-reviewer", "yes", "--conflict-policy", "take-theirs", plain=True)
    assert "a lone reviewer may approve own texts; where both sides changed a text: take-theirs" in lines
    assert "a lone reviewer may approve" in say("deployment", "show", "iraq", plain=True)
    assert "a lone reviewer may not approve" in say("deployment", "set", "iraq", "--lone-reviewer", "no", plain=True)


def test_who_does_not_manage_it_cannot_change_it(say: Say) -> None:
    """A reviewer cannot allow oneself to approve own texts; and nothing to change is said as such."""
    with pytest.raises(NotPermitted):
        say("deployment", "set", "iraq", "--lone-reviewer", "yes", role="reviewer")
    with pytest.raises(BadInput, match="what to change"):
        say("deployment", "set", "iraq")


def test_a_lone_reviewer_approves_an_own_text_once_it_is_allowed(api: Api, say: Say) -> None:
    """Refused before, an exception on the record after."""
    reviewer = api("reviewer")
    unit = reviewer.unit("form/consent/name")
    corrected = reviewer.post(
        "/deployments/iraq/locales/fr/corrections",
        {name: unit[name] for name in ("key", "source_hash", "text_hash")} | {"text": "Accord"},
    )
    assert corrected.status_code == 200, corrected.text
    unit = reviewer.unit("form/consent/name")
    assert reviewer.decide(unit).status_code == 409
    say("deployment", "set", "iraq", "--lone-reviewer", "yes", role="specialist")
    assert reviewer.decide(unit).status_code == 200
    assert [made["exception"] for made in reviewer.unit("form/consent/name")["decisions"]] == ["lone-reviewer"]
