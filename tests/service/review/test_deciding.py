"""Decisions, each on a named pair of texts."""

import pytest
from sqlmodel import select

from extractors.texts import text_hash
from service.audit.service import Actor
from service.catalog.models import (
    ConflictResolution,
    DecisionException,
    DecisionKind,
    Origin,
    RejectReason,
    State,
)
from service.checks.models import StoredFinding
from service.db import Database
from service.errors import BadInput, NotFound, Outdated, Refused
from service.review.service import deciding
from service.review.service.bulk import accept_all_baseline, approve_all_passing
from tests.support.workshop import LOCALE, OPERATOR, PEOPLE, Workshop, hashes, key_of

CONSENT = {"agree": "I agree", "refuse": "I refuse", "count": "%{n} children"}


@pytest.fixture
def workshop(workshop: Workshop) -> Workshop:
    """A deployment whose texts a volunteer has translated."""
    workshop.import_source(CONSENT)
    workshop.push_source()
    workshop.pull({"agree": "J'accepte", "refuse": "Je refuse", "count": "%{n} enfants"})
    return workshop


# --- approve -------------------------------------------------------------------------------------------------------


def test_a_decision_names_unit_locale_and_the_hashes_of_both_texts(workshop: Workshop) -> None:
    """And who, when; the state follows in the same transaction."""
    decision = workshop.approve("reem", "agree", comment="good\0")
    assert (decision.unit_id, decision.locale, decision.kind) == (workshop.unit("agree").id, LOCALE, "approve")
    assert (decision.source_hash, decision.text_hash) == (text_hash("I agree"), text_hash("J'accepte"))
    assert (decision.person_id, decision.created_at, decision.comment) == ("reem", workshop.now, "good\ufffd")
    assert (decision.exception, decision.sensitive, decision.bulk) == (None, False, False)
    assert workshop.state("agree") is State.APPROVED


def test_a_decision_on_one_locale_says_nothing_of_another(workshop: Workshop) -> None:
    """An approval is of one (unit, locale)."""
    workshop.import_texts({"agree": "أوافق"}, locale="ar")
    workshop.approve("reem", "agree")
    assert workshop.translation("agree", locale="ar").state is State.TRANSLATED


def test_a_text_that_returns_to_what_was_approved_is_approved_again(workshop: Workshop) -> None:
    """The approval is bound to the pair, and waits for it."""
    workshop.approve("reem", "agree")
    workshop.correct("omar", "agree", "D'accord")
    assert workshop.state("agree") is State.TRANSLATED
    workshop.correct("volunteer", "agree", "J'accepte")
    assert workshop.state("agree") is State.APPROVED


def test_nobody_without_a_person_decides(workshop: Workshop) -> None:
    """The operator may administer, not review; not even choose in a conflict."""
    workshop.import_texts({"refuse": "Non"})
    workshop.pull({"refuse": "Nenni"})
    acts = (
        lambda s, d, p, now: deciding.approve(s, d, p, actor=OPERATOR, comment="", now=now),
        lambda s, d, p, now: deciding.correct(s, d, p, actor=OPERATOR, text="x", now=now),
        lambda s, d, p, now: deciding.reject(s, d, p, actor=OPERATOR, reason=RejectReason.TONE, comment="", now=now),
        lambda s, d, p, now: deciding.resolve_conflict(
            s, d, p, actor=OPERATOR, keep=ConflictResolution.OURS, their_hash="", now=now
        ),
    )
    for name, act in zip(("agree", "agree", "agree", "refuse"), acts, strict=True):

        def do(session, deployment, now, name=name, act=act):  # type: ignore[no-untyped-def]
            return act(session, deployment, deciding.find_pair(session, deployment, LOCALE, key_of(name)), now)

        with pytest.raises(Refused, match="Only a person can decide"):
            workshop.act(do)
    assert workshop.decisions("agree") == []


def test_a_comment_over_its_limit_is_refused(workshop: Workshop) -> None:
    """4,000 characters pass, one more does not."""
    with pytest.raises(BadInput, match="4,000"):
        workshop.approve("reem", "agree", comment="x" * 4001)
    workshop.approve("reem", "agree", comment="x" * 4000)


def test_what_is_not_there_cannot_be_decided_on(workshop: Workshop) -> None:
    """No such unit, or no text in the locale yet."""
    with pytest.raises(NotFound, match="has no unit 'form/x/name'"):
        workshop.approve("reem", "form/x/name")
    with pytest.raises(NotFound, match="has no text in ar yet"):
        workshop.approve("reem", "agree", locale="ar")


def test_a_retired_unit_cannot_be_decided_on(workshop: Workshop) -> None:
    """Neither approved nor rejected nor corrected."""
    workshop.import_source({"refuse": "I refuse"}, allow_removals=True)
    for act in (workshop.approve, workshop.reject, lambda who, name: workshop.correct(who, name, "x")):
        with pytest.raises(Refused, match="not in the current source"):
            act("reem", "agree")


# --- Outdated ------------------------------------------------------------------------------------------------------


def test_a_decision_on_texts_that_changed_is_refused_with_both_current_texts(workshop: Workshop) -> None:
    """So that nothing is decided blindly: the source or the translation may have moved."""

    def require(**seen: str) -> None:
        workshop.act(
            lambda s, d, _now: deciding.require_current(deciding.find_pair(s, d, LOCALE, key_of("agree")), **seen)
        )

    require(**hashes("I agree", "J'accepte"))
    for seen in (hashes("I agree", "Oui"), hashes("Yes", "J'accepte")):
        with pytest.raises(Outdated) as refusal:
            require(**seen)
        assert refusal.value.details == {
            "key": key_of("agree"),
            "locale": "fr",
            "source": "I agree",
            "text": "J'accepte",
            "source_hash": text_hash("I agree"),
            "text_hash": text_hash("J'accepte"),
        }


# --- author --------------------------------------------------------------------------------------------------------


def test_a_correction_makes_the_reviewer_the_texts_author_and_waits_for_another_person(workshop: Workshop) -> None:
    """The volunteer it came from may approve it; its corrector may not."""
    workshop.approve("omar", "agree")
    workshop.correct("reem", "agree", " D'accord\0")
    translation = workshop.translation("agree")
    assert (translation.author_id, translation.origin, translation.text) == (
        "reem", Origin.CORRECTION, " D'accord\ufffd",
    )  # fmt: skip
    workshop.correct("reem", "agree", "D'accord")
    assert workshop.state("agree") is State.TRANSLATED
    with pytest.raises(Refused, match="another person"):
        workshop.approve("reem", "agree")
    workshop.approve("omar", "agree")
    assert workshop.state("agree") is State.APPROVED


def test_an_equal_correction_counts_as_written_anew_and_changes_no_author(workshop: Workshop) -> None:
    """On a stale text it says "still right"; who wrote it first stays its author."""
    workshop.import_source({**CONSENT, "agree": "I do agree"})
    assert workshop.state("agree") is State.STALE
    workshop.correct("reem", "agree", "J'accepte ")
    assert workshop.state("agree") is State.TRANSLATED
    assert workshop.translation("agree").author_id == "volunteer"


def test_a_correction_cannot_be_empty(workshop: Workshop) -> None:
    """Nothing that counts as no text."""
    for blank in ("", " \n", "\u00a0"):
        with pytest.raises(BadInput, match="cannot be empty"):
            workshop.correct("reem", "agree", blank)


def test_a_lone_reviewers_own_approval_is_recorded_as_an_exception(workshop: Workshop) -> None:
    """Only where the deployment allows it."""
    workshop.correct("reem", "agree", "D'accord")
    workshop.configure(lone_reviewer=True)
    assert workshop.approve("reem", "agree").exception is DecisionException.LONE_REVIEWER
    assert workshop.state("agree") is State.APPROVED
    assert workshop.approve("reem", "refuse").exception is None


# --- sensitive -----------------------------------------------------------------------------------------------------


def test_a_sensitive_text_is_approved_by_two_others(workshop: Workshop) -> None:
    """After one it is translated, 1 of 2; the first does not count twice, the author not at all."""
    workshop.configure(lone_reviewer=True)
    workshop.tag(key_of("agree"))
    assert workshop.approve("reem", "agree").sensitive
    translation = workshop.translation("agree")
    assert (translation.state, translation.approvals, translation.approvals_needed) == (State.TRANSLATED, 1, 2)
    with pytest.raises(Refused, match="approved this text already"):
        workshop.approve("reem", "agree")
    with pytest.raises(Refused, match="two other persons"):
        workshop.approve("volunteer", "agree")
    workshop.approve("omar", "agree")
    assert workshop.state("agree") is State.APPROVED


def test_where_an_approval_made_under_the_tag_stands_no_exception_is_recorded_in_vain(workshop: Workshop) -> None:
    """The text still needs its second person, so a lone reviewer is refused rather than not counted."""
    workshop.configure(lone_reviewer=True)
    workshop.tag(key_of("agree"))
    workshop.approve("reem", "agree")
    from service.catalog.models import ScopeAction

    workshop.tag(key_of("agree"), "sensitive", ScopeAction.UNTAG)
    with pytest.raises(Refused, match="two other persons"):
        workshop.approve("volunteer", "agree")


# --- reject and reopen ---------------------------------------------------------------------------------------------


def test_a_rejection_has_one_of_six_reasons_and_drops_the_approvals(workshop: Workshop) -> None:
    """The approval of somebody else ends it."""
    workshop.approve("reem", "agree")
    assert workshop.reject("omar", "agree", reason=RejectReason.DIALECT).reason is RejectReason.DIALECT
    assert workshop.state("agree") is State.REJECTED
    assert workshop.translation("agree").approvals == 0
    workshop.approve("reem", "agree")
    assert workshop.state("agree") is State.APPROVED
    assert [reason.value for reason in RejectReason] == ["meaning", "tone", "dialect", "term", "typo", "safety"]


def test_a_reopen_names_ones_own_decision(workshop: Workshop) -> None:
    """Which then counts as never made; it is not edited, a new one says so."""
    approval = workshop.approve("reem", "agree")
    reopening = workshop.reopen("reem", "agree", approval.id)
    assert (reopening.kind, reopening.reopens_id) == (DecisionKind.REOPEN, approval.id)
    assert workshop.state("agree") is State.TRANSLATED
    assert [decision.kind for decision in workshop.decisions("agree")] == ["approve", "reopen"]
    assert workshop.decisions("agree")[0] == approval


def test_a_specialist_may_reopen_anyones(workshop: Workshop) -> None:
    """Another reviewer may not."""
    rejection = workshop.reject("reem", "agree")
    with pytest.raises(Refused, match="ask a specialist"):
        workshop.reopen("omar", "agree", rejection.id)
    workshop.reopen("specialist", "agree", rejection.id, may_reopen_others=True)
    assert workshop.state("agree") is State.TRANSLATED


def test_only_a_decision_that_stands_on_the_current_pair_can_be_reopened(workshop: Workshop) -> None:
    """Not twice, not a reopen, not one on an older pair, not another unit's."""
    approval = workshop.approve("reem", "agree")
    other = workshop.approve("reem", "refuse")
    reopening = workshop.reopen("reem", "agree", approval.id)
    second = workshop.approve("reem", "agree")
    workshop.correct("omar", "agree", "D'accord")
    for number in (approval.id, other.id, reopening.id, second.id, 999):
        with pytest.raises(NotFound, match=f"No decision {number} stands"):
            workshop.reopen("reem", "agree", number)


# --- blocking findings ---------------------------------------------------------------------------------------------


def test_a_blocking_finding_keeps_a_text_from_being_approved_on_every_path(workshop: Workshop) -> None:
    """One by one, as baseline, in bulk; it may be rejected."""
    workshop.import_texts({"count": "enfants"})
    assert workshop.translation("count").blocked
    with pytest.raises(Refused, match="placeholder_mismatch"):
        workshop.approve("reem", "count")
    assert workshop.act(lambda s, d, now: _bulk(s, d, now)).passed_over == {"blocking finding": 1}
    workshop.reject("reem", "count")
    assert workshop.state("count") is State.REJECTED


def _bulk(session, deployment, now, person="reem"):  # type: ignore[no-untyped-def]
    return approve_all_passing(
        session, deployment, LOCALE, with_warnings=True, reason="read aloud", actor=Actor("", person), now=now
    )


def test_a_new_source_is_checked_before_anything_is_approved_on_it(workshop: Workshop) -> None:
    """The old text lacks what the new source asks for: neither a single nor a bulk approval takes it as it is."""
    workshop.import_source({**CONSENT, "agree": "I agree, %{name}"})
    with pytest.raises(Refused, match="placeholder_mismatch"):
        workshop.approve("reem", "agree")
    workshop.import_source({**CONSENT, "agree": "I agree, %{name}", "refuse": "I refuse, %{name}"})
    workshop.correct("reem", "refuse", "Je refuse, %{name}")
    workshop.import_source({**CONSENT, "refuse": "I refuse, %{name}", "agree": "I agree %{child}"})
    report = workshop.act(_bulk)
    assert workshop.translation("agree").state is State.STALE
    assert report.approved == 1


def test_bulk_looks_again_at_options_whose_set_changed(workshop: Workshop) -> None:
    """An option that came back with the text of another is seen before either is approved."""
    red, blue = "lookup/l/lookup_values/red", "lookup/l/lookup_values/blue"
    both = {**CONSENT, red: "Red", blue: "Blue"}
    workshop.import_source(both, allow_removals=True)
    workshop.import_source({**CONSENT, red: "Red"}, allow_removals=True)
    workshop.import_texts({red: "Rouge"})
    workshop.import_source(both)
    workshop.import_texts({blue: "Bleu"})
    workshop.import_source({**CONSENT, red: "Red"}, allow_removals=True)
    workshop.import_texts({red: "Bleu"})
    assert not workshop.translation(red).blocked
    workshop.import_source(both)
    assert workshop.act(_bulk).passed_over == {"blocking finding": 2}


def test_an_approved_text_that_a_later_check_blocks_stays_approved(workshop: Workshop) -> None:
    """It is marked, for the gate to name."""
    red, blue = "lookup/l/lookup_values/red", "lookup/l/lookup_values/blue"
    workshop.import_source({**CONSENT, red: "Red", blue: "Blue"}, allow_removals=True)
    workshop.import_texts({red: "Rouge"})
    workshop.approve("reem", red, with_warnings=True)
    workshop.import_texts({blue: "Rouge"})
    assert workshop.state(red) is State.APPROVED
    assert workshop.translation(red).blocked


def test_only_a_waived_finding_blocks_no_more_and_only_where_it_may_be_waived(workshop: Workshop) -> None:
    """A dismissal of any other blocking finding changes nothing."""
    workshop.import_texts({"agree": "Voir https://evil.example", "count": "enfants"})

    def waive(session: object, _deployment: object, now: object) -> None:
        for finding in session.exec(select(StoredFinding)):  # type: ignore[attr-defined]
            finding.dismissed_by, finding.dismissed_at = "specialist", now

    with pytest.raises(Refused, match="links_introduced"):
        workshop.approve("reem", "agree")
    workshop.act(waive)
    workshop.approve("reem", "agree")
    with pytest.raises(Refused, match="placeholder_mismatch"):
        workshop.approve("reem", "count")


# --- baseline and bulk ---------------------------------------------------------------------------------------------


@pytest.fixture
def live(workshop: Workshop) -> Workshop:
    """A deployment some of whose texts were found in the source."""
    workshop.import_source(
        {**CONSENT, "one": "One", "two": "Two %{n}", "three": "Three"},
        texts={"fr": {"one": "Un", "two": "Deux", "three": "Trois"}},
    )
    return workshop


def test_a_baseline_is_accepted_with_a_reason_and_recorded_as_an_exception(live: Workshop) -> None:
    """A text that Primero shows already becomes approved, and shows what that leans on."""
    with pytest.raises(BadInput, match="Say why"):
        live.accept_baseline("specialist", "one", reason=" ")
    decision = live.accept_baseline("specialist", "one")
    assert (decision.exception, decision.comment) == (DecisionException.BASELINE, "live for two years")
    assert live.state("one") is State.APPROVED


def test_a_baseline_is_never_for_sensitive_or_blocked_texts_nor_for_others_than_live(live: Workshop) -> None:
    """Whoever asks."""
    live.tag(key_of("three"))
    for name, sentence in (("two", "blocking"), ("three", "sensitive"), ("agree", "found in the source")):
        with pytest.raises(Refused, match=sentence):
            live.accept_baseline("specialist", name)


def test_a_whole_language_is_accepted_as_baseline_where_that_counts(live: Workshop) -> None:
    """The others are passed over with the reason."""
    live.tag(key_of("three"))
    report = live.act(
        lambda s, d, now: accept_all_baseline(s, d, LOCALE, reason="live", actor=Actor("", "specialist"), now=now)
    )
    assert (report.approved, sum(report.passed_over.values())) == (1, 2)
    assert [live.state(name) for name in ("one", "two", "three")] == [
        State.APPROVED,
        State.TRANSLATED,
        State.TRANSLATED,
    ]


def test_a_baseline_never_counts_once_the_unit_is_sensitive(live: Workshop) -> None:
    """It needs two persons at once."""
    live.accept_baseline("specialist", "one")
    live.tag(key_of("one"))
    assert (live.state("one"), live.translation("one").approvals) == (State.TRANSLATED, 0)
    live.approve("specialist", "one")
    live.approve("reem", "one")
    assert live.state("one") is State.APPROVED


def test_bulk_approves_what_passes_and_never_counts_on_sensitive_units(workshop: Workshop) -> None:
    """A bulk approval is an ordinary one until the unit becomes sensitive; then it is none of the two."""
    workshop.tag(key_of("refuse"))
    report = workshop.act(_bulk)
    assert (report.approved, report.passed_over) == (2, {"sensitive": 1})
    assert workshop.state("agree") is State.APPROVED
    assert workshop.decisions("agree")[0].bulk
    workshop.tag(key_of("agree"))
    workshop.approve("omar", "agree")
    assert (workshop.state("agree"), workshop.translation("agree").approvals) == (State.TRANSLATED, 1)
    workshop.approve("reem", "agree")
    assert workshop.state("agree") is State.APPROVED


# --- conflicts -----------------------------------------------------------------------------------------------------


@pytest.fixture
def torn(workshop: Workshop) -> Workshop:
    """A deployment with a conflict: ours is "D'accord", theirs "Entendu"."""
    workshop.correct("reem", "agree", "D'accord")
    workshop.pull({"agree": "Entendu"}, author="omar")
    return workshop


def test_a_text_in_conflict_can_neither_be_approved_nor_corrected_until_a_person_resolves_it(torn: Workshop) -> None:
    """On no path; a rejection is taken."""
    for act in (
        lambda: torn.approve("specialist", "agree"),
        lambda: torn.correct("specialist", "agree", "Oui"),
    ):
        with pytest.raises(Refused, match="choose one of them first"):
            act()
    assert torn.act(_bulk).passed_over["conflict"] == 1
    torn.reject("specialist", "agree")


def test_keeping_ours_sends_it_and_the_conflict_does_not_come_back(torn: Workshop) -> None:
    """Their text is known; a new one of theirs is a new conflict."""
    torn.resolve("reem", "agree", ConflictResolution.OURS)
    assert (torn.text("agree"), torn.state("agree")) == ("D'accord", State.TRANSLATED)
    (conflict,) = torn.conflicts()
    assert (conflict.resolution, conflict.resolved_by, conflict.their_text) == ("ours", "reem", "Entendu")
    for blank_or_theirs in ("Entendu", "Entendu", ""):
        pulled = torn.pull({"agree": blank_or_theirs}, author="omar")
        assert pulled.counts() == {"kept-ours": 1, "unknown": 0}
        assert torn.text("agree") == "D'accord"
    assert torn.pull({"agree": "Bien entendu"}).counts() == {"conflict": 1, "unknown": 0}


def test_taking_theirs_makes_its_translator_the_author_and_approves_nothing(torn: Workshop) -> None:
    """Ours stays readable in the record; a later text of theirs replaces it without a conflict."""
    torn.resolve("reem", "agree", ConflictResolution.THEIRS)
    translation = torn.translation("agree")
    assert (translation.text, translation.author_id, translation.state) == ("Entendu", "omar", State.TRANSLATED)
    (conflict,) = torn.conflicts()
    assert (conflict.our_text, conflict.resolution) == ("D'accord", "theirs")
    assert torn.pull({"agree": "Bien entendu"}).counts() == {"replaced": 1, "unknown": 0}
    assert torn.pull({"agree": "Bien entendu"}).counts() == {"equal": 1, "unknown": 0}


def test_a_chosen_text_is_not_erased_by_the_blank_of_our_own_push(torn: Workshop) -> None:
    """Transifex dropped their text before the choice was made."""
    torn.import_source({**CONSENT, "agree": "I do agree"})
    torn.push_source()
    torn.pull({"agree": ""})
    torn.resolve("reem", "agree", ConflictResolution.THEIRS)
    for _ in range(3):
        torn.pull({"agree": ""})
        assert torn.text("agree") == "Entendu"


def test_a_conflict_is_resolved_on_the_texts_that_were_seen(torn: Workshop) -> None:
    """Whoever chooses after Transifex changed again gets the newer text to look at; nothing is decided."""
    torn.pull({"agree": "Bien entendu"})
    with pytest.raises(Outdated) as refusal:
        torn.resolve("reem", "agree", ConflictResolution.THEIRS, seen="Entendu")
    assert refusal.value.details["their_text"] == "Bien entendu"
    assert torn.act(_bulk).passed_over["conflict"] == 1


def test_there_must_be_a_conflict_to_resolve_and_one_of_two_texts_to_choose(torn: Workshop) -> None:
    """A second choice is refused, and so is "agreed"."""
    with pytest.raises(BadInput, match="ours or theirs"):
        torn.resolve("reem", "agree", ConflictResolution.AGREED)
    torn.resolve("reem", "agree", ConflictResolution.OURS)
    with pytest.raises(Refused, match="no open conflict"):
        torn.resolve("reem", "agree", ConflictResolution.OURS)


# --- the audit -----------------------------------------------------------------------------------------------------


def test_every_change_is_in_the_audit_and_no_name_ever_is(torn: Workshop) -> None:
    """One entry each, by the person's id, naming locale and key."""
    torn.resolve("reem", "agree", ConflictResolution.OURS)
    approval = torn.approve("omar", "agree")
    torn.reopen("omar", "agree", approval.id)
    torn.reject("omar", "agree")
    entries = [entry for entry in torn.audit() if entry.action.startswith("review.")]
    assert [(entry.action, entry.person_id) for entry in entries] == [
        ("review.correct", "reem"),
        ("review.conflict.ours", "reem"),
        ("review.approve", "omar"),
        ("review.reopen", "omar"),
        ("review.reject", "omar"),
    ]
    assert {entry.subject for entry in entries} == {f"fr {key_of('agree')}"}
    for entry in torn.audit():
        assert "Real Name" not in f"{entry.actor} {entry.subject} {entry.detail}"
        assert entry.actor in {"person", OPERATOR.label}
        assert entry.person_id is None or entry.person_id in PEOPLE


def test_a_refused_decision_leaves_no_trace(workshop: Workshop, database: Database) -> None:
    """Neither decision nor audit entry nor a new version."""
    before = (workshop.translation("agree").version, len(workshop.audit()))
    with pytest.raises(Refused):
        workshop.approve("volunteer", "agree")
    assert (workshop.translation("agree").version, len(workshop.audit())) == before
    assert workshop.decisions("agree") == []
