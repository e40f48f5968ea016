"""Two people, or a person and a job, at the same pair at the same moment."""

from collections.abc import Callable
from typing import Any

import pytest

from service.audit.service import Actor
from service.catalog.models import State
from service.errors import NotFound, Outdated, Refused
from service.review.service import deciding
from tests.support.at_once import at_once
from tests.support.workshop import LOCALE, Workshop, hashes, key_of

ROUNDS = 5
SEEN = hashes("I agree", "J'accepte")


@pytest.fixture
def workshop(workshop: Workshop) -> Workshop:
    """A deployment whose texts nobody knows the author of."""
    workshop.import_source({"agree": "I agree", "refuse": "I refuse"})
    workshop.import_texts({"agree": "J'accepte"})
    return workshop


def correcting(workshop: Workshop, person: str, text: str, name: str = "agree") -> Callable[[Any, Any], object]:
    def act(session: Any, deployment: Any) -> object:
        pair = deciding.find_pair(session, deployment, LOCALE, key_of(name))
        if name == "agree":
            deciding.require_current(pair, **SEEN)
        return deciding.correct(session, deployment, pair, actor=Actor("", person), text=text, now=workshop.now)

    return act


def approving(workshop: Workshop, person: str, name: str = "agree") -> Callable[[Any, Any], object]:
    def act(session: Any, deployment: Any) -> object:
        pair = deciding.find_pair(session, deployment, LOCALE, key_of(name))
        if name == "agree":
            deciding.require_current(pair, **SEEN)
        return deciding.approve(session, deployment, pair, actor=Actor("", person), comment="", now=workshop.now)

    return act


def test_of_two_corrections_one_wins_and_the_other_is_told(workshop: Workshop) -> None:
    """The second sees that the text it was made on is gone; nothing is lost silently."""
    for _ in range(ROUNDS):
        results = at_once(
            workshop.database, [correcting(workshop, "reem", "Oui"), correcting(workshop, "omar", "D'accord")]
        )
        outdated = [result for result in results if isinstance(result, Outdated)]
        assert len(outdated) == 1
        assert workshop.text("agree") == outdated[0].details["text"]
        assert workshop.text("agree") == ("D'accord" if results[0] is outdated[0] else "Oui")
        workshop.correct("specialist", "agree", "J'accepte")


def test_the_same_correction_of_two_people_is_stored_once(workshop: Workshop) -> None:
    """Storing one text twice at once is no error."""
    for number in range(ROUNDS):
        workshop.import_texts({"refuse": f"Je refuse {number}"})
        results = at_once(
            workshop.database,
            [correcting(workshop, "reem", f"Oui {number}"), correcting(workshop, "omar", f"Oui {number}", "refuse")],
        )
        assert not [result for result in results if isinstance(result, Exception)]
        workshop.correct("specialist", "agree", "J'accepte")


def test_two_approvals_of_a_sensitive_text_are_both_recorded(workshop: Workshop) -> None:
    """And make it approved: neither misses the other."""
    workshop.tag(key_of("agree"))
    results = at_once(workshop.database, [approving(workshop, "reem"), approving(workshop, "omar")])
    assert not [result for result in results if isinstance(result, Exception)]
    assert (workshop.state("agree"), workshop.translation("agree").approvals) == (State.APPROVED, 2)


def test_one_person_approving_twice_at_once_is_recorded_once(workshop: Workshop) -> None:
    """A double click, or a phone and a laptop."""
    results = at_once(workshop.database, [approving(workshop, "reem")] * 3)
    assert len([result for result in results if isinstance(result, Refused)]) == 2
    assert len(workshop.decisions("agree")) == 1


def test_a_decision_is_reopened_once(workshop: Workshop) -> None:
    """The second is told that the decision stands no more; no constraint is met."""
    number = workshop.approve("reem", "agree").id

    def act(session: Any, deployment: Any) -> object:
        pair = deciding.find_pair(session, deployment, LOCALE, key_of("agree"))
        return deciding.reopen(
            session, deployment, pair, actor=Actor("", "reem"), decision_id=number or 0, may_reopen_others=False,
            comment="", now=workshop.now,
        )  # fmt: skip

    results = at_once(workshop.database, [act] * 3)
    assert len([result for result in results if isinstance(result, NotFound)]) == 2
    assert workshop.state("agree") is State.TRANSLATED


def test_an_approval_and_a_correction_leave_a_true_state(workshop: Workshop) -> None:
    """Either the approval came first and stays with its pair, or it is told that the text changed."""
    for _ in range(ROUNDS):
        results = at_once(workshop.database, [approving(workshop, "omar"), correcting(workshop, "reem", "Oui")])
        assert not isinstance(results[0], Outdated) or not isinstance(results[1], Outdated)
        assert workshop.state("agree") is (
            State.APPROVED if workshop.text("agree") == "J'accepte" else State.TRANSLATED
        )
        for decision in workshop.decisions("agree"):
            assert decision.text_hash == SEEN["target_hash"]
        workshop.correct("specialist", "agree", "J'accepte")
        decisions = workshop.decisions("agree")
        taken_back = {decision.reopens_id for decision in decisions}
        for decision in decisions:
            if decision.kind == "approve" and decision.id not in taken_back:
                workshop.reopen("specialist", "agree", decision.id, may_reopen_others=True)
        assert workshop.state("agree") is State.TRANSLATED


def test_an_approval_and_a_new_source_leave_a_true_state(workshop: Workshop) -> None:
    """No text is stored as approved whose approval is of the source before."""
    from service.catalog.service.snapshots import import_snapshot

    catalog = workshop.catalog({"agree": "I agree to all", "refuse": "I refuse"})

    def importing(session: Any, deployment: Any) -> object:
        return import_snapshot(
            session, deployment, catalog, origin="x", allow_removals=False, actor=Actor("x"), now=workshop.now
        )

    at_once(workshop.database, [approving(workshop, "reem"), importing])
    assert workshop.state("agree") is State.STALE


def test_two_imports_of_one_text_never_meet_a_constraint(workshop: Workshop) -> None:
    """Two files that both fill what had no text: the later one replaces, each is counted."""
    from service.review.service.policies import import_translations

    def importing(text: str) -> Callable[[Any, Any], object]:
        return lambda session, deployment: import_translations(
            session, deployment, "ar", {key_of("agree"): text, key_of("refuse"): text},
            replace_approved=False, actor=Actor("x"), now=workshop.now,
        ).counts()  # fmt: skip

    results = at_once(workshop.database, [importing("أوافق"), importing("أرفض")])
    assert sorted(map(str, results)) == ["{'filled': 2, 'unknown': 0}", "{'replaced': 2, 'unknown': 0}"]
    assert workshop.translation("agree", locale="ar").text == workshop.translation("refuse", locale="ar").text


def test_two_options_corrected_to_one_text_at_once_are_both_blocked(workshop: Workshop) -> None:
    """The set is checked as a whole, by one after the other."""
    red, blue = "lookup/l/lookup_values/red", "lookup/l/lookup_values/blue"
    workshop.import_source({"agree": "I agree", red: "Red", blue: "Blue"}, allow_removals=True)
    for _ in range(ROUNDS):
        workshop.import_texts({red: "Rouge", blue: "Bleu"})
        at_once(
            workshop.database,
            [correcting(workshop, "reem", "Couleur", red), correcting(workshop, "omar", "Couleur", blue)],
        )
        assert workshop.translation(red).blocked
        assert workshop.translation(blue).blocked


def test_two_rules_of_scope_at_once_both_count(workshop: Workshop) -> None:
    """Neither is applied without the other."""
    from service.catalog.models import ScopeAction
    from service.catalog.service.scope import add_rule

    def adding(tag: str) -> Callable[[Any, Any], object]:
        return lambda session, deployment: add_rule(
            session, deployment, action=ScopeAction.TAG, pattern="*", tag=tag, reason="x", actor=Actor("x"),
            now=workshop.now,
        )  # fmt: skip

    at_once(workshop.database, [adding("sensitive"), adding("priority=4")])
    unit = workshop.unit("agree")
    assert (unit.sensitive, unit.priority) == (True, 4)
