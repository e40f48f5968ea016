"""Signing a language off: what is covered, what a person is told before, and what becomes of it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from service.audit.models import AuditEntry
from service.audit.service import Actor
from service.bundles.models import SignOffPair
from service.bundles.rules.gate import Policy
from service.bundles.rules.signoff import SignOffState
from service.bundles.service.signing_off import (
    Statement,
    get_voucher,
    list_vouchers,
    load_overview,
    revoke,
    sign_off,
)
from service.catalog.models import Conflict, ScopeAction, State
from service.catalog.service.scope import add_rule
from service.errors import BadInput, NotFound, Outdated, Refused
from tests.service.bundles.conftest import NOW, OPERATOR, REVIEWERS, Filled

NAME, SEX, SITE = "form/person/name", "form/person/sex/display_name", "form/person/site/display_name"
FEMALE, MALE = (f"form/person/sex/option_strings_text/{option}" for option in "fm")
CAMP, NORTH = "lookup/lookup-camp/name", "lookup/lookup-camp/lookup_values/north"
TEXTS = {NAME: "Personne", SEX: "Sexe", FEMALE: "Femme", MALE: "Homme", SITE: "Lieu", CAMP: "Camp", NORTH: "Nord"}
REVIEWER = Actor("reviewer", REVIEWERS[0])
GOOD = Statement("Mariam Haddad", "Head of case management", "Northern Lakes", "Fit for go-live.")


@pytest.fixture
def approved(filled: Filled, small: Callable[..., dict[str, Any]]) -> Filled:
    """The small configuration with all seven texts in French, approved by one reviewer."""
    filled.import_source(small())
    filled.write(TEXTS)
    assert filled.approve(TEXTS) == set()
    return filled


def _state(filled: Filled, number: int = 1) -> SignOffState:
    filled.session.flush()
    return get_voucher(filled.session, filled.deployment, "fr", number).verdict.state


def _exclude(filled: Filled, pattern: str) -> None:
    add_rule(
        filled.session, filled.deployment,
        action=ScopeAction.EXCLUDE, pattern=pattern, actor=OPERATOR, now=NOW, tag="", reason="not needed",
    )  # fmt: skip


def test_it_covers_exactly_what_is_approved(approved: Filled) -> None:
    """Each pair by the hashes of both texts; the audit says how many, and no text."""
    made = approved.sign()
    rows = approved.session.exec(select(SignOffPair)).all()
    assert {row.unit_id for row in rows} == {approved.unit(key).id for key in TEXTS}
    assert made.verdict.state is SignOffState.VALID
    assert made.sign_off.counts["approved"] == 7
    entry = approved.session.exec(select(AuditEntry).where(AuditEntry.action == "sign-off.sign")).one()
    assert (entry.person_id, entry.subject, entry.detail["number"]) == (REVIEWERS[0], "fr", 1)
    assert "Mariam" not in str(entry.detail)


def test_it_lapses_with_an_approval_and_revives_with_it(approved: Filled) -> None:
    """Another text makes it invalid; the text that was signed, back again, makes it valid."""
    approved.sign()
    approved.write({SITE: "Endroit"})
    assert _state(approved) is SignOffState.INVALID
    approved.approve([SITE])
    assert _state(approved) is SignOffState.INVALID
    approved.write({SITE: "Lieu"})
    assert _state(approved) is SignOffState.VALID


def test_texts_that_come_later_make_it_incomplete(approved: Filled, small: Callable[..., dict[str, Any]]) -> None:
    """Also once they are approved; and texts that went do not count."""
    approved.sign()
    approved.import_source(small(form={"description_i18n": {"en": "About the person"}}))
    assert _state(approved) is SignOffState.INCOMPLETE
    approved.write({"form/person/description": "Sur la personne"})
    approved.approve(["form/person/description"])
    assert _state(approved) is SignOffState.INCOMPLETE
    approved.import_source(small(form={"fields_attributes": []}))
    assert _state(approved) is SignOffState.VALID


def test_what_left_the_scope_does_not_count(approved: Filled) -> None:
    """Its approval may go: nobody ships it."""
    approved.sign()
    approved.write({SITE: "Endroit"})
    _exclude(approved, SITE)
    assert _state(approved) is SignOffState.VALID


def test_a_revoked_one_stays_with_its_reason(approved: Filled) -> None:
    """It can be seen, not be used, and not be revoked twice."""
    approved.sign()
    with pytest.raises(BadInput, match="Give a reason"):
        revoke(approved.session, approved.deployment, "fr", 1, reason=" ", actor=REVIEWER, now=NOW)
    revoke(approved.session, approved.deployment, "fr", 1, reason=" Two typos. ", actor=REVIEWER, now=NOW)
    assert _state(approved) is SignOffState.REVOKED
    assert list_vouchers(approved.session, approved.deployment, "fr")[0].sign_off.revoke_reason == "Two typos."
    with pytest.raises(Refused, match="revoked before"):
        revoke(approved.session, approved.deployment, "fr", 1, reason="Again.", actor=REVIEWER, now=NOW)
    with pytest.raises(Refused, match="There is no sign-off of fr"):
        approved.build(policy=Policy.SIGNED_OFF)
    with pytest.raises(NotFound, match="no sign-off 2 of fr"):
        revoke(approved.session, approved.deployment, "fr", 2, reason="None.", actor=REVIEWER, now=NOW)


def test_whoever_looks_first_signs_what_was_looked_at(approved: Filled) -> None:
    """A text that was approved in between refuses the signature; the new page has another digest."""
    seen = load_overview(approved.session, approved.deployment, "fr").digest
    approved.write({SITE: "Endroit"})
    approved.approve([SITE])
    approved.session.flush()
    with pytest.raises(Outdated, match="look at it again"):
        sign_off(approved.session, approved.deployment, "fr", GOOD, actor=REVIEWER, now=NOW, seen=seen)
    now_seen = load_overview(approved.session, approved.deployment, "fr").digest
    sign_off(approved.session, approved.deployment, "fr", GOOD, actor=REVIEWER, now=NOW, seen=now_seen)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (Statement(" ", "r", "o", "s"), "The name is missing"),
        (Statement("n", "r", "o" * 201, "s"), "The organisation is longer than 200"),
        (Statement("n", "r", "o", "\n"), "The statement is missing"),
    ],
)
def test_a_statement_says_who_and_what(approved: Filled, statement: Statement, said: str) -> None:
    """Each part is needed, and bounded."""
    with pytest.raises(BadInput, match=said):
        sign_off(approved.session, approved.deployment, "fr", statement, actor=REVIEWER, now=NOW)


def test_nothing_approved_is_nothing_to_vouch_for(filled: Filled, small: Callable[..., dict[str, Any]]) -> None:
    """Neither an empty deployment nor unread texts can be signed off."""
    with pytest.raises(Refused, match="no configuration yet"):
        filled.sign()
    filled.import_source(small())
    filled.write(TEXTS)
    with pytest.raises(Refused, match="nothing to vouch for"):
        filled.sign()


def test_the_overview_names_what_one_should_know(approved: Filled) -> None:
    """Missing texts by state, sensitive ones, conflicts: each where the person who signs sees it."""
    add_rule(
        approved.session, approved.deployment,
        action=ScopeAction.TAG, pattern=NAME, actor=OPERATOR, now=NOW, tag="sensitive", reason="names",
    )  # fmt: skip
    approved.approve([NAME], reviewers=REVIEWERS[1:])
    approved.write({SITE: "Endroit"})
    unit = approved.unit(CAMP)
    assert unit.id is not None
    approved.session.add(
        Conflict(
            unit_id=unit.id, locale="fr", our_text="Camp", their_text="Le camp", opened_at=NOW + timedelta(hours=1)
        )
    )  # fmt: skip
    approved.session.flush()
    found = load_overview(approved.session, approved.deployment, "fr")
    assert found.in_scope == 7
    assert {str(row.key) for row in found.approved} == set(TEXTS) - {SITE}
    assert found.missing == {State.TRANSLATED: 1}
    assert [str(row.key) for row in found.sensitive] == [NAME]
    assert [str(row.key) for row in found.conflicting] == [CAMP]


def test_the_policy_signed_off_ships_what_is_covered_alone(
    approved: Filled, small: Callable[..., dict[str, Any]]
) -> None:
    """Incomplete needs a reason, which stands in the manifest; what came later waits; each text names its signer."""
    made = approved.sign(reviewer=REVIEWERS[1])
    bundle = approved.build(policy=Policy.SIGNED_OFF)
    assert bundle.manifest.counts.texts == 7
    assert bundle.sign_off_id == made.sign_off.id
    assert bundle.manifest.texts[0].signers[0].model_dump() == {
        "sign_off": 1, "person": REVIEWERS[1], "at": "2026-03-02T09:00:08.000000Z",
    }  # fmt: skip
    approved.import_source(small(form={"description_i18n": {"en": "About the person"}}))
    approved.write({"form/person/description": "Sur la personne"})
    approved.approve(["form/person/description"])
    with pytest.raises(Refused, match=r"does not cover 1 texts .*--allow"):
        approved.build(policy=Policy.SIGNED_OFF)
    bundle = approved.build(policy=Policy.SIGNED_OFF, allow="The description can wait.")
    assert [row.model_dump() for row in bundle.manifest.allowed] == [
        {"what": "sign-off 1 is incomplete", "reason": "The description can wait."}
    ]
    assert {row.key: row.reason for row in bundle.left_out} == {"form/person/description": "not-signed-off"}
    approved.write({SITE: "Endroit"})
    with pytest.raises(Refused, match=r"does not hold any more, because 1 texts"):
        approved.build(policy=Policy.SIGNED_OFF, allow="No reason helps here.")


def test_an_older_sign_off_that_holds_counts(approved: Filled) -> None:
    """A later one that lapsed does not stand in the way of one whose texts all returned."""
    approved.sign()
    approved.write({SITE: "Endroit"})
    approved.approve([SITE])
    approved.sign()
    approved.write({SITE: "Lieu"})
    bundle = approved.build(policy=Policy.SIGNED_OFF)
    assert {signer.sign_off for row in bundle.manifest.texts for signer in row.signers if row.key == SITE} == {1}
    assert bundle.manifest.allowed == []
