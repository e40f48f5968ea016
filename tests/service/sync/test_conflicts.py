"""Texts that changed on both sides, and the policy that a deployment states for them."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from service.audit.models import AuditEntry
from service.catalog.models import Conflict, ConflictResolution, ScopeAction, State
from service.catalog.service.scope import add_rule
from service.deployments.models import ConflictPolicy
from service.deployments.service import DeploymentChanges, change_deployment
from service.sync.models import RunState
from tests.support.syncing import SYNC, World

AGE = "form/consent/age/display_name"
SEX = "form/consent/sex/display_name"
TEXTS = {AGE: "Age", SEX: "Sex"}
OURS, THEIRS = "Âge", "Vos années"


@pytest.fixture
def both(world: World) -> World:
    """A text that came from Transifex, and stands at both ends."""
    world.bring(TEXTS)
    world.push()
    world.translate({AGE: "Age fr"}, by="amina")
    world.pull()
    return world


def state_policy(world: World, policy: ConflictPolicy) -> None:
    with world.database.write() as session:
        change_deployment(
            session, world.deployment_in(session), DeploymentChanges(conflict_policy=policy),
            actor=SYNC, now=world.clock(),
        )  # fmt: skip


def change_both(world: World) -> None:
    """Change the text here and there."""
    world.correct(AGE, OURS)
    world.translate({AGE: THEIRS}, by="binta")


def closed(world: World) -> list[Conflict]:
    with world.database.read() as session:
        return list(session.exec(select(Conflict).where(col(Conflict.resolved_at).is_not(None))))


def test_nothing_is_decided_unless_it_is_stated(both: World) -> None:
    """The default leaves both texts to a person."""
    change_both(both)
    both.pull()
    assert [conflict.their_text for conflict in both.conflicts()] == [THEIRS]
    assert both.text(AGE) == OURS


def test_keeping_ours_sends_it(both: World) -> None:
    """Ours stays and replaces theirs with the next push; both texts are in the record, which names no person."""
    state_policy(both, ConflictPolicy.KEEP_OURS)
    change_both(both)
    report = both.pull()
    assert (both.conflicts(), both.text(AGE), report.state) == ([], OURS, RunState.DONE)
    assert {"key": AGE, "outcome": "policy-ours"} in report.outcome["items"][0]["listed"]
    assert "kept by policy" in report.message
    (conflict,) = closed(both)
    assert (conflict.resolution, conflict.our_text, conflict.their_text, conflict.resolved_by) == (
        ConflictResolution.OURS, OURS, THEIRS, None,
    )  # fmt: skip
    both.push()
    theirs = both.theirs(AGE)
    assert theirs is not None
    assert theirs.strings == {"other": OURS}
    both.pull(everything=True)
    assert both.text(AGE) == OURS


def test_taking_theirs_brings_its_author(both: World) -> None:
    """Their text comes in as their author's, and waits for a reviewer."""
    state_policy(both, ConflictPolicy.TAKE_THEIRS)
    change_both(both)
    report = both.pull()
    assert (both.conflicts(), both.text(AGE), both.author(AGE)) == ([], THEIRS, "binta")
    assert both.state(AGE) is State.TRANSLATED
    assert report.outcome["texts"]["policy-theirs"] == 1
    assert closed(both)[0].resolution is ConflictResolution.THEIRS


def test_what_a_policy_did_is_in_the_audit(both: World) -> None:
    """Who stated the policy, and each text that it decided on."""
    state_policy(both, ConflictPolicy.TAKE_THEIRS)
    change_both(both)
    both.pull()
    with both.database.read() as session:
        entries = {row.action: row for row in session.exec(select(AuditEntry))}
    assert entries["deployment.set"].detail == {
        "before": {"conflict_policy": "ask"},
        "after": {"conflict_policy": "take-theirs"},
    }
    settled = entries["review.conflict.theirs"]
    assert (settled.actor, settled.subject, settled.detail) == ("policy", f"fr {AGE}", {"policy": "take-theirs"})


def test_an_approved_text_is_never_replaced_by_a_policy(both: World) -> None:
    """A person approved it: a person chooses."""
    state_policy(both, ConflictPolicy.TAKE_THEIRS)
    both.correct(AGE, OURS)
    both.approve(AGE, by="second")
    both.translate({AGE: THEIRS})
    both.pull()
    assert (both.text(AGE), both.state(AGE)) == (OURS, State.APPROVED)
    assert len(both.conflicts()) == 1


@pytest.mark.parametrize("policy", [ConflictPolicy.KEEP_OURS, ConflictPolicy.TAKE_THEIRS])
def test_a_sensitive_text_waits_for_a_person(both: World, policy: ConflictPolicy) -> None:
    """No rule chooses the words of a text that needs two persons."""
    with both.database.write() as session:
        add_rule(
            session, both.deployment_in(session), action=ScopeAction.TAG, pattern=AGE, tag="sensitive", reason="Harm.",
            actor=SYNC, now=both.clock(),
        )  # fmt: skip
    state_policy(both, policy)
    change_both(both)
    both.pull()
    assert both.text(AGE) == OURS
    assert len(both.conflicts()) == 1


def test_a_text_on_an_older_source_replaces_none(both: World) -> None:
    """Ours was written on the new source, theirs on the old one that a push is about to replace."""
    state_policy(both, ConflictPolicy.TAKE_THEIRS)
    both.translate({AGE: THEIRS})
    both.bring({**TEXTS, AGE: "Age in years"})
    both.correct(AGE, OURS)
    both.push()
    assert both.text(AGE) == OURS
    assert [conflict.their_text for conflict in both.conflicts()] == [THEIRS]


def test_a_stale_text_of_ours_is_not_kept_by_a_policy(both: World) -> None:
    """It must not go over what a volunteer wrote on the current source."""
    state_policy(both, ConflictPolicy.KEEP_OURS)
    both.correct(AGE, OURS)
    both.bring({**TEXTS, AGE: "Age in years"})
    both.push()
    assert both.state(AGE) is State.STALE
    both.translate({AGE: THEIRS})
    both.pull()
    assert len(both.conflicts()) == 1


def test_a_conflict_that_was_open_before_waits_on(both: World) -> None:
    """A policy is about what changes from then on, also while the volunteer goes on writing."""
    change_both(both)
    both.pull()
    state_policy(both, ConflictPolicy.TAKE_THEIRS)
    both.translate({AGE: "Vos ans"})
    both.pull()
    assert both.text(AGE) == OURS
    assert [conflict.their_text for conflict in both.conflicts()] == ["Vos ans"]
