"""Remembering how languages stand, and deadlines."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from service.backup import restore_backup, write_backup
from service.catalog.queries import count_states
from service.db import Database
from service.deployments.service import archive_deployment, find_deployment
from service.errors import BadInput, NotFound
from service.migrations import upgrade
from service.progress.models import ProgressSnapshot
from service.progress.queries import find_histories, list_deadlines
from service.progress.service import drop_deadline, set_deadline, take_due_snapshots, take_snapshots
from tests.support.queries import count_queries
from tests.support.workshop import LOCALE, OPERATOR, SLUG, Workshop


@pytest.fixture
def workshop(database: Database) -> Workshop:
    """Two texts of five words, one of them translated into French."""
    made = Workshop(database)
    made.import_source({"agree": "I agree to all", "refuse": "No"})
    made.import_texts({"agree": "J'accepte tout"})
    return made


def history(workshop: Workshop, days: int = 56) -> list[tuple[int, int]]:
    def read(session: object) -> list[tuple[int, int]]:
        deployment = find_deployment(session, SLUG).id or 0  # type: ignore[arg-type]
        counts = count_states(session, deployment, [LOCALE])  # type: ignore[arg-type]
        found = find_histories(session, deployment, counts, now=workshop.now, days=days)  # type: ignore[arg-type]
        return [(day.with_text, day.approved) for day in found[LOCALE]]

    return workshop.look(read)


def test_a_day_keeps_how_it_ended(workshop: Workshop) -> None:
    """A later snapshot of a day takes the place of the earlier one; the last day is as it stands now."""
    workshop.act(lambda s, d, now: take_snapshots(s, d, now=now))
    workshop.approve("reem", "agree")
    assert workshop.act(lambda s, d, now: take_snapshots(s, d, now=now)) == 2
    rows = workshop.look(lambda s: s.exec(select(ProgressSnapshot).order_by(ProgressSnapshot.locale)).all())
    assert [(row.locale, row.total, row.words, row.approved_words) for row in rows] == [
        ("ar", 2, 5, 0),
        ("fr", 2, 5, 4),
    ]
    workshop.now += timedelta(days=2)
    workshop.import_texts({"refuse": "Non"})
    assert history(workshop) == [(4, 4), (4, 4), (5, 4)]
    assert history(workshop, days=1) == [(5, 4)]


def test_every_deployment_in_use_is_remembered_once_a_day(workshop: Workshop) -> None:
    """By one process at a time; an archived one stands as it did."""
    database, now = workshop.database, workshop.now
    assert take_due_snapshots(database, owner="one", now=now) == 1
    assert take_due_snapshots(database, owner="one", now=now + timedelta(hours=3)) == 0
    tomorrow = now + timedelta(days=1)
    assert take_due_snapshots(database, owner="two", now=tomorrow) == 1
    workshop.act(lambda s, d, now: archive_deployment(s, d, actor=OPERATOR, now=now))
    assert take_due_snapshots(database, owner="one", now=tomorrow + timedelta(days=1)) == 0


def test_histories_cost_one_query_for_all_languages(workshop: Workshop) -> None:
    """However many there are."""
    with workshop.database.read() as session:
        counts = count_states(session, 1, [LOCALE, "ar"])
        with count_queries(session) as queries:
            find_histories(session, 1, counts, now=workshop.now, days=56)
    assert queries.number == 1


def test_a_deadline_is_set_moved_and_dropped(workshop: Workshop) -> None:
    """There is one a locale; the audit tells what it was before."""
    first, second = date(2026, 4, 1), date(2026, 5, 1)
    for day in (first, second):
        workshop.act(
            lambda s, d, now, day=day: set_deadline(s, d, LOCALE, day, note=" go-live ", actor=OPERATOR, now=now)
        )
    kept = workshop.look(lambda s: list_deadlines(s, find_deployment(s, SLUG).id or 0))
    assert {locale: (row.day, row.note) for locale, row in kept.items()} == {LOCALE: (second, "go-live")}
    workshop.act(lambda s, d, now: drop_deadline(s, d, LOCALE, actor=OPERATOR, now=now))
    assert workshop.look(lambda s: list_deadlines(s, find_deployment(s, SLUG).id or 0)) == {}
    told = [(entry.action, entry.detail["before"]) for entry in workshop.audit() if entry.action.startswith("deadline")]
    assert told == [("deadline.set", None), ("deadline.set", "2026-04-01"), ("deadline.drop", "2026-05-01")]


def test_what_cannot_be_a_deadline_is_refused(workshop: Workshop) -> None:
    """A day that has passed, one beyond ten years, a language that is not there, none to drop."""
    for day in (workshop.now.date() - timedelta(days=1), date(2126, 1, 1)):
        with pytest.raises(BadInput, match="cannot be a deadline"):
            workshop.act(lambda s, d, now, day=day: set_deadline(s, d, LOCALE, day, note="", actor=OPERATOR, now=now))
    with pytest.raises(NotFound):
        workshop.act(lambda s, d, now: set_deadline(s, d, "de", now.date(), note="", actor=OPERATOR, now=now))
    with pytest.raises(NotFound, match="has no deadline"):
        workshop.act(lambda s, d, now: drop_deadline(s, d, LOCALE, actor=OPERATOR, now=now))


def test_days_survive_a_backup(workshop: Workshop, tmp_path: Path) -> None:
    """Snapshots and deadlines come back as they were."""
    workshop.act(lambda s, d, now: take_snapshots(s, d, now=now))
    workshop.act(lambda s, d, now: set_deadline(s, d, LOCALE, date(2026, 4, 1), note="", actor=OPERATOR, now=now))
    write_backup(workshop.database, tmp_path / "backup", workshop.now, "1")
    restored = Database(f"sqlite:///{tmp_path / 'restored.sqlite3'}")
    upgrade(restored)
    restore_backup(restored, tmp_path / "backup")
    with restored.read() as session:
        assert list_deadlines(session, 1)[LOCALE].day == date(2026, 4, 1)
        assert session.exec(select(ProgressSnapshot)).first().day == workshop.now.date()  # type: ignore[union-attr]
    restored.close()
