"""What people do about findings: dismiss, waive, take back, fix; and what approvals make of it."""

from datetime import datetime

import pytest
from sqlmodel import Session, select

from service.audit.service import Actor
from service.catalog.models import State, Translation
from service.catalog.service.wording import add_term, remove_term
from service.checks.models import StoredFinding
from service.checks.rules import GlossaryTerm
from service.checks.service import glossary
from service.checks.service.conditions import deployment_fingerprint
from service.checks.service.rechecking import queue_due_rechecks, recheck
from service.checks.service.switches import switch_check
from service.db import Database
from service.deployments.models import Deployment
from service.errors import BadInput, NotFound, Outdated, Refused
from service.jobs.models import Job
from service.review.service import findings
from service.review.service.suggesting import Suggestion, find_suggestions
from tests.support.workshop import LOCALE, Workshop, key_of

SOURCE = {"age": "Age 12", "agree": "I agree", "name": "Name of the survivor"}
LINK = "Voir https://help.example.org"


@pytest.fixture
def workshop(database: Database) -> Workshop:
    """Texts with a warning, with a blocking finding that can be waived, and a sound one."""
    made = Workshop(database)
    made.import_source(SOURCE)
    made.import_texts({"age": "Âge", "agree": LINK, "name": "Nom de la personne"})
    return made


def finding_id(workshop: Workshop, name: str) -> int:
    number = workshop.translation(name).id
    (row,) = workshop.look(lambda s: s.exec(select(StoredFinding).where(StoredFinding.translation_id == number)).all())
    return row.id or 0


def say(workshop: Workshop, verb: str, person: str | None, name: str, reason: str = "looked at") -> None:
    number = finding_id(workshop, name)

    def do(session: Session, deployment: Deployment, now: datetime) -> None:
        pair, finding = findings.find_finding(session, deployment, LOCALE, number)
        more = {} if verb in ("withdraw", "fix") else {"reason": reason}
        getattr(findings, verb)(session, deployment, pair, finding, actor=Actor("x", person), now=now, **more)

    workshop.act(do)


def switch(workshop: Workshop, check: str, *, on: bool, locale: str | None = None, reason: str = "noise") -> bool:
    return workshop.act(
        lambda s, d, now: switch_check(
            s, d, check, on=on, locale=locale, reason=reason, actor=Actor("", "specialist"), now=now
        )
    )


def write_term(workshop: Workshop, term: GlossaryTerm) -> str:
    return workshop.act(
        lambda s, d, now: glossary.write_term(s, d, LOCALE, term, actor=Actor("", "specialist"), now=now)
    )


def run_recheck(workshop: Workshop, **values: object) -> dict[str, int]:
    number = workshop.act(lambda _s, d, _now: d.id) or 0
    report = recheck(
        workshop.database,
        number,
        clock=lambda: workshop.now,
        progress=lambda *_: None,
        **values,  # type: ignore[arg-type]
    )
    return report.checked


def test_a_warning_takes_a_confirmation_and_a_dismissed_one_does_not(workshop: Workshop) -> None:
    """The refusal names the check; confirming or dismissing lets the approval through."""
    with pytest.raises(Refused, match="numbers") as caught:
        workshop.approve("reem", "age")
    assert caught.value.details == {"warnings": ["numbers"]}
    say(workshop, "dismiss", "omar", "age")
    assert workshop.translation("age").warnings == 0
    workshop.approve("reem", "age")
    assert workshop.state("age") is State.APPROVED
    say(workshop, "withdraw", "omar", "age")
    assert workshop.translation("age").warnings == 1
    workshop.approve("omar", "age", with_warnings=True)


def test_a_dismissal_keeps_who_and_why(workshop: Workshop) -> None:
    """On the finding and in the audit, by the person's id."""
    say(workshop, "dismiss", "reem", "age", " the field says it ")
    row = workshop.look(lambda s: s.get(StoredFinding, finding_id(workshop, "age")))
    assert row is not None
    assert (row.dismissed_by, row.dismissed_reason) == ("reem", "the field says it")
    entry = workshop.audit()[-1]
    assert (entry.action, entry.person_id) == ("finding.dismiss", "reem")
    assert entry.detail == {"check": "numbers", "reason": "the field says it"}


def test_what_blocks_is_waived_by_a_specialist_and_never_approved_by_the_same(workshop: Workshop) -> None:
    """It cannot be dismissed; after the waiver another person approves; taken back, it blocks again."""
    with pytest.raises(Refused, match="specialist may waive"):
        say(workshop, "dismiss", "reem", "agree")
    with pytest.raises(BadInput):
        say(workshop, "waive", "specialist", "agree", " ")
    with pytest.raises(Refused, match="Only a person"):
        say(workshop, "waive", None, "agree")
    say(workshop, "waive", "specialist", "agree")
    assert not workshop.translation("agree").blocked
    with pytest.raises(Refused, match="You waived"):
        workshop.approve("specialist", "agree")
    workshop.approve("reem", "agree")
    assert workshop.state("agree") is State.APPROVED
    say(workshop, "withdraw", "specialist", "agree")
    assert workshop.translation("agree").blocked
    with pytest.raises(Refused, match="You approved this text"):
        say(workshop, "waive", "reem", "agree")


def test_a_finding_of_other_texts_is_gone(workshop: Workshop) -> None:
    """Its number answers nothing, and hashes that are not current are refused with the texts that are."""
    number = finding_id(workshop, "age")
    with pytest.raises(Outdated):
        workshop.act(lambda s, d, _: findings.find_finding(s, d, LOCALE, number, pair_hashes=("x", "y")))
    workshop.correct("reem", "age", "Âge 12")
    with pytest.raises(NotFound):
        workshop.act(lambda s, d, _: findings.find_finding(s, d, LOCALE, number))


def test_a_replacement_goes_in_as_a_correction(workshop: Workshop) -> None:
    """By its author, waiting for another person; without a replacement it is refused."""
    workshop.import_source({**SOURCE, "count": "%{n} children"})
    workshop.import_texts({"count": "% {n} enfants"})
    rows = workshop.look(lambda s: s.exec(select(StoredFinding).where(StoredFinding.replacement == "%{n}")).all())
    (number,) = [row.id or 0 for row in rows]

    def do(session: Session, deployment: Deployment, now: datetime) -> None:
        pair, finding = findings.find_finding(session, deployment, LOCALE, number)
        findings.fix(session, deployment, pair, finding, actor=Actor("", "reem"), now=now)

    workshop.act(do)
    assert workshop.text("count") == "%{n} enfants"
    assert workshop.translation("count").author_id == "reem"
    assert not workshop.translation("count").blocked
    with pytest.raises(Refused, match="no safe replacement"):
        say(workshop, "fix", "reem", "age")


def test_a_switch_counts_at_the_next_decision_and_after_the_recheck(workshop: Workshop) -> None:
    """In the locale alone; what blocks and cannot be waived stays on; the same again changes nothing."""
    with pytest.raises(Refused, match="cannot be switched off"):
        switch(workshop, "placeholder_mismatch", on=False)
    with pytest.raises(BadInput):
        switch(workshop, "numbers", on=False, reason="")
    assert switch(workshop, "numbers", on=False, locale=LOCALE)
    assert not switch(workshop, "numbers", on=False, locale=LOCALE)
    workshop.approve("reem", "age")
    assert [job.kind for job in workshop.look(lambda s: s.exec(select(Job)).all())] == ["recheck"]
    assert run_recheck(workshop) == {LOCALE: 2}
    assert switch(workshop, "numbers", on=True, locale=LOCALE)
    run_recheck(workshop)
    assert workshop.translation("age").warnings == 1
    assert workshop.state("age") is State.APPROVED


def test_a_recheck_goes_on_where_it_was_stopped(workshop: Workshop) -> None:
    """What was done stays; the next one does the rest; then nothing is due any more."""
    switch(workshop, "numbers", on=False)

    def stop(done: int, total: int) -> None:
        if done >= 3:
            raise InterruptedError

    number = workshop.act(lambda _s, d, _now: d.id) or 0
    with pytest.raises(InterruptedError):
        recheck(workshop.database, number, clock=lambda: workshop.now, progress=stop)
    assert queue_due_rechecks(workshop.database, now=workshop.now) == 1
    run_recheck(workshop)
    assert run_recheck(workshop) == {}
    assert run_recheck(workshop, everything=True) == {LOCALE: 3}
    assert queue_due_rechecks(workshop.database, now=workshop.now) == 0


def test_another_catalogue_asks_for_a_recheck(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an upgrade: every text was checked with something else."""
    run_recheck(workshop)
    monkeypatch.setattr("service.checks.service.conditions.catalogue_version", lambda: "newer")
    assert queue_due_rechecks(workshop.database, now=workshop.now) == 1
    assert run_recheck(workshop) == {LOCALE: 3}


def test_a_term_of_the_glossary_blocks_and_warns_and_every_version_is_kept(workshop: Workshop) -> None:
    """Added, changed, the same again, removed: texts follow, nothing is lost."""
    term = GlossaryTerm("Survivor", (), ("survivant",), ("personne",), "too vague", "GBV team")
    assert write_term(workshop, term) == "added"
    run_recheck(workshop)
    assert (workshop.translation("name").blocked, workshop.translation("name").warnings) == (True, 1)
    assert write_term(workshop, term) == "unchanged"
    assert write_term(workshop, GlossaryTerm("survivor", (), ("personne",))) == "changed"
    workshop.approve("reem", "name")
    workshop.act(lambda s, d, now: glossary.remove_term(s, d, LOCALE, "SURVIVOR", actor=Actor("", "omar"), now=now))
    deployment_id = workshop.act(lambda _s, d, _now: d.id) or 0
    rows = workshop.look(lambda s: glossary.list_versions(s, deployment_id, LOCALE, "survivor"))
    assert [(row.version, row.removed, row.superseded_at is None) for row in rows] == [
        (1, False, False), (2, False, False), (3, True, True),
    ]  # fmt: skip
    assert write_term(workshop, term) == "added"


def test_a_file_is_taken_in_once(workshop: Workshop) -> None:
    """A dry run changes nothing, rows are answered one by one, a second time all are unchanged."""
    data = "term;accepted;forbidden;reason\r\nsurvivor;survivant;;\r\nchild;;gosse;rude\r\nchild;enfant;;\r\nx;;;\r\n"

    def take(*, dry_run: bool = False) -> list[str]:
        rows = workshop.act(
            lambda s, d, now: glossary.import_terms(
                s, d, LOCALE, data.encode("utf-8-sig"), dry_run=dry_run, actor=Actor("", "omar"), now=now
            )
        )
        return [row.outcome for row in rows]

    first = ["added", "added", "refused", "refused"]
    assert take(dry_run=True) == first
    assert take() == first
    assert take() == ["unchanged", "unchanged", "refused", "refused"]
    exported = workshop.act(lambda s, d, _: glossary.export_terms(s, d, LOCALE))
    again = workshop.act(
        lambda s, d, now: glossary.import_terms(s, d, LOCALE, exported, dry_run=False, actor=Actor(""), now=now)
    )
    assert {row.outcome for row in again} == {"unchanged"}


def test_a_word_makes_texts_sensitive_at_once(database: Database) -> None:
    """The pack's and the deployment's own; one that is taken out frees them; a tag counts over words."""
    workshop = Workshop(database, pack=True)
    workshop.import_source({"agree": "I consent", "age": "Age", "title": "Consent"})
    assert [workshop.unit(name).sensitive for name in ("agree", "age", "title")] == [True, False, True]
    workshop.import_texts({"agree": "J'accepte", "age": "Âge"})
    workshop.approve("reem", "age")
    values = {"forms": [], "exceptions": [], "reason": "said so", "actor": Actor("", "specialist")}
    effect = workshop.act(lambda s, d, now: add_term(s, d, term="age", now=now, **values))  # type: ignore[arg-type]
    assert (effect.tagged, effect.untagged) == (1, 0)
    assert workshop.state("age") is State.TRANSLATED
    workshop.import_source({"agree": "I consent", "age": "Age", "title": "Consent", "years": "Age in years"})
    assert workshop.unit("years").sensitive
    for term in ("AGE", "consent"):
        workshop.act(
            lambda s, d, now, term=term: remove_term(s, d, term=term, reason="r", actor=Actor(""), now=now)  # type: ignore[misc]
        )
    assert not any(workshop.unit(name).sensitive for name in ("agree", "age", "title", "years"))
    workshop.tag(key_of("agree"))
    assert workshop.unit("agree").sensitive
    assert workshop.audit()[-2].action == "wording.remove"


def test_the_fingerprint_names_what_is_in_force(workshop: Workshop) -> None:
    """Switches, terms and words each change it."""
    seen = {workshop.act(lambda s, d, _: deployment_fingerprint(s, d))}
    switch(workshop, "numbers", on=False)
    seen.add(workshop.act(lambda s, d, _: deployment_fingerprint(s, d)))
    write_term(workshop, GlossaryTerm("x", (), ("y",)))
    seen.add(workshop.act(lambda s, d, _: deployment_fingerprint(s, d)))
    workshop.act(
        lambda s, d, now: add_term(s, d, term="age", forms=[], exceptions=[], reason="r", actor=Actor(""), now=now)
    )
    seen.add(workshop.act(lambda s, d, _: deployment_fingerprint(s, d)))
    assert len(seen) == 4


def test_approved_texts_of_like_sources_are_suggested(workshop: Workshop) -> None:
    """The same source first, then similar ones; never what is not approved, is blocked, or far away."""
    more = {"agree2": "I agree", "agree3": "I agree.", "far": "Registration number", "wait": "I agree!"}
    workshop.import_source({**SOURCE, **more})
    workshop.import_texts({"agree2": "J'accepte", "agree3": "Je suis d'accord.", "far": "Numéro", "wait": "Oui"})
    for name in ("agree2", "agree3", "far"):
        workshop.approve("reem", name)

    def look(session: Session, deployment: Deployment, _now: datetime) -> list[Suggestion]:
        return find_suggestions(session, deployment, LOCALE, workshop.unit("agree"), visible=[])

    found = workshop.act(look)
    assert [(one.match, one.text) for one in found] == [
        ("same-source", "J'accepte"), ("similar", "Je suis d'accord."),
    ]  # fmt: skip
    assert found[1].score > 90
    workshop.act(lambda s, _d, _n: setattr(s.get(Translation, workshop.translation("agree2").id), "blocked", True))
    assert [one.match for one in workshop.act(look)] == ["similar"]
