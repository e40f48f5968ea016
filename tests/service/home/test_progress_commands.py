"""The commands about progress."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from service.db import Database
from service.errors import BadInput, NotFound, NotPermitted
from service.home.commands.progress import mount
from service.web.resources import Resources
from tests.service.home.conftest import Api
from tests.support.commands import Say, make_say
from tests.support.people import UserMaker


@pytest.fixture
def say(api: Api, resources: Resources, make_user: UserMaker) -> Say:
    """Run a command as a user of a role in ``iraq``, None for the operator."""
    return make_say(resources, make_user, api.ids["iraq"], mount)


def falsify(database: Database) -> None:
    with database.write() as session:
        session.connection().execute(text("UPDATE text_counter SET translated = translated + 1 WHERE locale = 'fr'"))


def test_a_recount_proves_the_counters(say: Say) -> None:
    """Of every deployment that one may see, or of the one that is named."""
    assert say("progress", "recount") == {"deployments": {"iraq": [], "other": []}, "repaired": False}
    assert say("progress", "recount", role="observer")["deployments"] == {"iraq": []}
    assert say("progress", "recount", "other", plain=True) == "other: the counters are true\n"
    with pytest.raises(NotFound):
        say("progress", "recount", "other", role="specialist")


def test_wrong_counters_fail_the_command_until_they_are_set_right(say: Say, database: Database) -> None:
    """Each wrong number is named, and only who manages the deployment may set it right."""
    falsify(database)
    with pytest.raises(AssertionError, match="form/consent"):
        say("progress", "recount", "iraq", plain=True)
    with pytest.raises(NotPermitted):
        say("progress", "recount", "iraq", "--repair", role="reviewer")
    wrong = say("progress", "recount", "iraq", "--repair", role="specialist")["deployments"]["iraq"]
    assert wrong[0] == {"locale": "fr", "form": "form/consent", "number": "translated", "kept": 3, "counted": 2}
    assert say("progress", "recount", "iraq")["deployments"] == {"iraq": []}


def test_progress_is_shown_with_what_needs_someone(say: Say) -> None:
    """All languages or one of them, for people and as JSON."""
    told = say("progress", "show", "iraq", role="observer")
    assert [(row["locale"], row["waiting"], row["forecast"]) for row in told["languages"]] == [
        ("ar", 0, "not-enough-data"), ("fr", 4, "not-enough-data"),
    ]  # fmt: skip
    assert {need["locale"] for need in say("progress", "show", "iraq", "--locale", "fr")["needs"]} == {"fr"}
    lines = say("progress", "show", "iraq", plain=True)
    assert "fr: blocking findings (1)" in lines
    with pytest.raises(NotFound):
        say("progress", "show", "iraq", "--locale", "de")


def test_a_deadline_is_kept_with_its_note(say: Say) -> None:
    """Set by who manages the deployment, listed for all, dropped."""
    say("deadline", "set", "iraq", "fr", "2026-06-30", "--note", "Go-live", role="specialist")
    assert say("deadline", "list", "iraq", role="observer")["deadlines"] == [
        {"locale": "fr", "day": "2026-06-30", "note": "Go-live"}
    ]
    assert "2026-06-30" in say("progress", "show", "iraq", plain=True)
    with pytest.raises(BadInput, match="is no day"):
        say("deadline", "set", "iraq", "fr", "June")
    with pytest.raises(NotPermitted):
        say("deadline", "drop", "iraq", "fr", role="reviewer")
    say("deadline", "drop", "iraq", "fr")
    assert say("deadline", "list", "iraq", plain=True) == "no language has a deadline\n"


def test_progress_is_written_into_files(say: Say, tmp_path: Path) -> None:
    """The ending says how; another one is refused before anything is written."""
    for name, more in (("a.csv", ()), ("b.xlsx", ("--locale", "fr")), ("c.json", ("--locale", "fr", "--what", "days"))):
        say("progress", "export", "iraq", str(tmp_path / name), *more)
    assert (tmp_path / "a.csv").read_text("utf-8-sig").startswith("locale,texts,words,approved")
    assert '"day": "2026-03-02"' in (tmp_path / "c.json").read_text()
    with pytest.raises(BadInput, match=r"must end in \.csv, \.xlsx or \.json"):
        say("progress", "export", "iraq", str(tmp_path / "d.pdf"))
