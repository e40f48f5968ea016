"""The counters beside the texts: whatever is done, they are what counting everything anew finds."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import select

from service.audit.service import Actor
from service.backup import restore_backup, write_backup
from service.catalog.models import ConflictResolution, RejectReason, ScopeAction, Translation
from service.catalog.queries import LocaleCounts, count_deployments, count_records, count_states
from service.catalog.service.counters import Difference, compare_counters, recount, repair_counters
from service.checks.models import StoredFinding
from service.checks.service.rechecking import recheck
from service.checks.service.switches import switch_check
from service.db import Database
from service.deployments.service import find_deployment
from service.errors import ServiceError
from service.migrations import downgrade, upgrade
from service.review.service import bulk, deciding, findings
from service.tables import metadata
from tests.support.at_once import at_once
from tests.support.queries import count_queries
from tests.support.workshop import LOCALE, OPERATOR, SLUG, Workshop, key_of

NAMES = ("agree", "refuse", "form/care/name", "lookup/l/lookup_values/red", "lookup/l/lookup_values/blue")
SOURCES = ("Are you 12?", "I agree to all of it", "Red")
TEXTS = ("Vous avez 12 ans ?", "J'accepte  tout", "Rouge <b>", "Rouge", "Nous avons 13 ans")
PERSONS = ("reem", "omar", "volunteer")


def differences(workshop: Workshop) -> list[Difference]:
    return workshop.look(lambda s: compare_counters(s, find_deployment(s, SLUG).id or 0))


def counts(workshop: Workshop, locale: str = LOCALE) -> LocaleCounts:
    return workshop.look(lambda s: count_states(s, find_deployment(s, SLUG).id or 0, [locale])[locale])


def empty(database: Database) -> None:
    """Take every row out, those of the audit too, which triggers keep from being deleted."""
    with database.write() as session:
        connection = session.connection()
        if database.is_sqlite:
            for name in (
                connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            ):
                connection.execute(text(f"DROP TRIGGER {name}"))
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
        else:
            names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


class Story:
    """A deployment, and every use case that changes what is counted."""

    def __init__(self, database: Database) -> None:
        self.workshop = Workshop(database)
        self.sources = dict.fromkeys(NAMES, SOURCES[0])
        self.bring()
        self.workshop.import_texts(dict.fromkeys(NAMES[1:], TEXTS[0]))

    def bring(self) -> None:
        self.workshop.import_source(self.sources, allow_removals=True)

    def edit(self, name: str, n: int) -> None:
        self.sources[name] = SOURCES[n % len(SOURCES)]
        self.bring()

    def retire(self, name: str, _n: int) -> None:
        if len(self.sources) > 1:
            self.sources.pop(name, None)
            self.bring()

    def activate(self, _name: str, n: int) -> None:
        self.workshop.activate(n + 1)

    def scope(self, name: str, n: int) -> None:
        action = (ScopeAction.EXCLUDE, ScopeAction.INCLUDE, ScopeAction.TAG, ScopeAction.UNTAG)[n % 4]
        tag = ("do-not-translate", "sensitive")[n % 2] if action in (ScopeAction.TAG, ScopeAction.UNTAG) else ""
        self.workshop.tag(key_of(name), tag, action)

    def pull(self, name: str, n: int) -> None:
        self.workshop.push_source()
        self.workshop.pull({name: TEXTS[n % len(TEXTS)], NAMES[n % len(NAMES)]: TEXTS[0]}, locale=("fr", "ar")[n % 2])

    def empty(self, name: str, _n: int) -> None:
        self.workshop.pull({name: ""}, translated_at=None, origin="EDITOR")

    def bring_texts(self, name: str, n: int) -> None:
        self.workshop.import_texts({name: TEXTS[n % len(TEXTS)]}, replace_approved=bool(n % 2))

    def approve(self, name: str, n: int) -> None:
        self.workshop.approve(PERSONS[n % 3], name, with_warnings=True)

    def reject(self, name: str, n: int) -> None:
        self.workshop.reject(PERSONS[n % 3], name)

    def reopen(self, name: str, _n: int) -> None:
        for decision in self.workshop.decisions(name)[-1:]:
            self.workshop.reopen("specialist", name, decision.id, may_reopen_others=True)

    def correct(self, name: str, n: int) -> None:
        self.workshop.correct(PERSONS[n % 3], name, TEXTS[n % len(TEXTS)])

    def resolve(self, name: str, n: int) -> None:
        keep = (ConflictResolution.OURS, ConflictResolution.THEIRS)[n % 2]
        self.workshop.resolve("omar", name, keep)

    def approve_all(self, _name: str, n: int) -> None:
        self.workshop.act(
            lambda s, d, now: bulk.approve_all_passing(
                s, d, LOCALE, with_warnings=bool(n % 2), reason="read", actor=self._actor("omar"), now=now
            )
        )

    def dismiss(self, _name: str, n: int) -> None:
        def do(session: Any, deployment: Any, now: Any) -> None:
            rows = session.exec(select(StoredFinding).join(Translation).where(Translation.locale == LOCALE)).all()
            if rows:
                pair, finding = findings.find_finding(session, deployment, LOCALE, rows[n % len(rows)].id)
                act = findings.withdraw if finding.dismissed_at else findings.dismiss
                more = {} if finding.dismissed_at else {"reason": "right here"}
                act(session, deployment, pair, finding, actor=self._actor("omar"), now=now, **more)

        self.workshop.act(do)

    def switch(self, _name: str, n: int) -> None:
        check = ("numbers", "html_introduced", "double_space", "option_duplicate")[n % 4]
        self.workshop.act(
            lambda s, d, now: switch_check(
                s, d, check, on=bool(n % 2), locale=None, reason="a test", actor=OPERATOR, now=now
            )
        )
        deployment = self.workshop.look(lambda s: find_deployment(s, SLUG).id or 0)
        recheck(self.workshop.database, deployment, clock=lambda: self.workshop.now, progress=lambda *_: None)

    def give_up(self, name: str, n: int) -> None:
        """Do something, and roll all of it back."""

        def do(session: Any, deployment: Any, now: Any) -> None:
            pair = deciding.find_pair(session, deployment, LOCALE, key_of(name))
            deciding.correct(session, deployment, pair, actor=self._actor("omar"), text=TEXTS[n % 5], now=now)
            raise ServiceError("changed one's mind")

        self.workshop.act(do)

    @staticmethod
    def _actor(person: str) -> Any:
        return Actor("", person)


ACTS = [name for name in vars(Story) if not name.startswith("_") and name != "bring"]
steps = st.tuples(st.sampled_from(ACTS), st.sampled_from(NAMES), st.integers(0, 11))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(steps, min_size=4, max_size=14))
def test_the_counters_are_what_a_recount_finds_after_any_sequence_of_acts(
    database: Database, told: list[tuple[str, str, int]]
) -> None:
    """Import, activate, scope, pull, import of texts, decisions, conflicts, bulk, findings, rechecks, rollbacks."""
    empty(database)
    story = Story(database)
    for what, name, n in told:
        with contextlib.suppress(ServiceError):
            getattr(story, what)(name, n)
        assert differences(story.workshop) == [], f"after {what}"


@pytest.fixture
def filled(workshop: Workshop) -> Workshop:
    """Four texts in two forms, one approved, one with a warning, one emptied, one never translated."""
    workshop.import_source(
        {
            "agree": "I agree to 4",
            "refuse": "I refuse",
            "form/care/name": "Care",
            "form/care/x/help_text": "Plan of care",
        }
    )
    workshop.import_texts({"agree": "J'accepte tout", "refuse": "Je refuse", "form/care/name": "Soins"})
    workshop.approve("reem", "refuse")
    return workshop


def test_the_counts_of_a_locale_are_in_texts_and_words(filled: Workshop) -> None:
    """Each state in texts and in source words; what has no row is untranslated; findings stand beside the states."""
    found = counts(filled)
    assert (found.total, found.words) == (4, 10)
    assert (found.approved, found.approved_words, found.translated, found.translated_words) == (1, 2, 2, 5)
    assert (found.untranslated, found.untranslated_words) == (1, 3)
    assert (found.waiting, found.waiting_words) == (2, 5)
    assert (found.warned, found.with_findings, found.blocked, found.conflicts) == (1, 1, 0, 0)
    assert counts(filled, "ar") == LocaleCounts(total=4, words=10)
    assert differences(filled) == []


def test_each_form_has_counts_of_its_own(filled: Workshop) -> None:
    """They add up to those of the locale, and a form of which nothing is in scope is not among them."""
    deployment = filled.look(lambda s: find_deployment(s, SLUG).id or 0)
    by_record = filled.look(lambda s: count_records(s, deployment, LOCALE))
    assert {record: (row.total, row.approved, row.waiting) for record, row in by_record.items()} == {
        "form/care": (2, 0, 1),
        "form/consent": (2, 1, 1),
    }
    filled.tag("form/care/*", "", ScopeAction.EXCLUDE)
    assert list(filled.look(lambda s: count_records(s, deployment, LOCALE))) == ["form/consent"]
    assert filled.look(lambda s: count_deployments(s, [deployment])[deployment][""]) == LocaleCounts(total=2, words=6)


def test_a_transaction_reads_what_it_changed_itself(filled: Workshop) -> None:
    """Before its commit, as the answer to a request that changes something does."""

    def do(session: Any, deployment: Any, now: Any) -> LocaleCounts:
        pair = deciding.find_pair(session, deployment, LOCALE, key_of("form/care/name"))
        deciding.approve(session, deployment, pair, actor=Actor("", "reem"), comment="", now=now)
        return count_states(session, deployment.id, [LOCALE])[LOCALE]

    assert filled.act(do) == counts(filled)
    assert counts(filled).approved == 2


def test_what_a_savepoint_took_back_is_not_counted(filled: Workshop) -> None:
    """A part that was rolled back within a transaction that commits adds nothing; the rest does."""

    def do(session: Any, deployment: Any, now: Any) -> None:
        pair = deciding.find_pair(session, deployment, LOCALE, key_of("form/care/name"))
        part = session.begin_nested()
        deciding.approve(session, deployment, pair, actor=Actor("", "reem"), comment="", now=now)
        part.rollback()
        other = deciding.find_pair(session, deployment, LOCALE, key_of("agree"))
        with session.begin_nested():
            deciding.correct(session, deployment, other, actor=Actor("", "omar"), text="J'accepte 4", now=now)

    filled.act(do)
    assert differences(filled) == []
    assert (counts(filled).approved, counts(filled).warned) == (1, 0)


def test_the_cost_of_counts_does_not_grow_with_the_texts(filled: Workshop) -> None:
    """One statement for all locales, which reads counters and no texts."""
    with filled.database.read() as session, count_queries(session) as queries:
        count_states(session, 1, [LOCALE, "ar"])
    assert queries.number == 1


def test_a_recount_finds_a_wrong_number_and_sets_it_right(filled: Workshop) -> None:
    """It names form, locale, number, what was kept and what is true; a second one finds nothing."""
    with filled.database.write() as session:
        session.connection().execute(text("UPDATE text_counter SET approved = 7 WHERE approved = 1"))
        session.connection().execute(text("DELETE FROM text_counter WHERE locale = '' AND record_key = 'form/care'"))
    wrong = [
        Difference("", "form/care", "units", 0, 2),
        Difference("", "form/care", "words", 0, 4),
        Difference(LOCALE, "form/consent", "approved", 7, 1),
    ]
    assert differences(filled) == wrong
    assert filled.act(lambda s, d, now: repair_counters(s, d, actor=OPERATOR, now=now)) == wrong
    assert differences(filled) == []
    assert filled.act(lambda s, d, now: repair_counters(s, d, actor=OPERATOR, now=now)) == []
    assert [entry.action for entry in filled.audit()][-1] == "progress.recount"


def test_the_migration_counts_what_is_there(filled: Workshop) -> None:
    """An upgraded database has the counters of its texts, conflicts and retired units included."""
    filled.push_source()
    filled.correct("reem", "agree", "D'accord")
    filled.pull({"agree": "Oui, tout"})
    filled.import_source({"agree": "I agree to 4", "refuse": "I refuse now"}, allow_removals=True)
    deployment = filled.look(lambda s: find_deployment(s, SLUG).id or 0)
    before = filled.look(lambda s: recount(s, deployment))
    assert sum(numbers["conflicts"] for numbers in before.values()) == 1
    downgrade(filled.database, "0009")
    upgrade(filled.database)
    assert differences(filled) == []
    assert counts(filled).stale == 1


def test_a_restored_database_has_true_counters(filled: Workshop, tmp_path: Any) -> None:
    """They travel in the backup with the texts they count."""
    write_backup(filled.database, tmp_path / "backup", filled.now, "1")
    restored = Database(f"sqlite:///{tmp_path / 'restored.sqlite3'}")
    upgrade(restored)
    restore_backup(restored, tmp_path / "backup")
    with restored.read() as session:
        deployment = find_deployment(session, SLUG).id or 0
        assert count_states(session, deployment, [LOCALE])[LOCALE] == counts(filled)
        assert compare_counters(session, deployment) == []
    restored.close()


def test_writers_at_once_lose_no_count_and_never_wait_in_a_ring(database: Database) -> None:
    """Four at a time correct, approve and reject texts of the same two forms, whose checks look at each other."""
    names = [f"form/{form}/q{n}/display_name" for form in ("a", "b") for n in range(2)]
    workshop = Workshop(database)
    workshop.import_source({name: f"Question {n} of the form" for n, name in enumerate(names)})
    workshop.import_texts({name: f"Texte {n}" for n, name in enumerate(names)})
    chosen = random.Random(7)

    def acting() -> Any:
        name, person, text = chosen.choice(names), chosen.choice(PERSONS), f"Texte {chosen.randrange(3)}"
        kind = chosen.randrange(3)

        def act(session: Any, deployment: Any) -> object:
            pair = deciding.find_pair(session, deployment, LOCALE, name)
            more = {"actor": Actor("", person), "now": workshop.now}
            if kind == 0:
                return deciding.correct(session, deployment, pair, text=text, **more)
            if kind == 1:
                return deciding.approve(session, deployment, pair, comment="", with_warnings=True, **more)
            return deciding.reject(session, deployment, pair, reason=RejectReason.TONE, comment="", **more)

        return act

    for _ in range(30):
        at_once(database, [acting() for _ in range(4)])
    assert differences(workshop) == []
