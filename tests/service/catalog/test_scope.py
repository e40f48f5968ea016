"""Changing the scope of a deployment."""

from unittest.mock import ANY

import pytest

from service.catalog.models import ScopeAction, State
from service.catalog.service.scope import ScopeChange, list_rules
from service.errors import BadInput, NotFound
from tests.support.workshop import Workshop, key_of

CONSENT = {"agree": "I agree", "refuse": "I refuse", "lookup/l/name": "Colours"}


def test_a_rule_applies_at_once_and_says_what_it_changed(workshop: Workshop) -> None:
    """How many units it matched, and how many of them it changed."""
    workshop.import_source(CONSENT)
    assert workshop.tag("form/*", "", ScopeAction.EXCLUDE) == ScopeChange(matched=2, changed=2)
    assert workshop.tag("form/*", "", ScopeAction.EXCLUDE) == ScopeChange(matched=2, changed=0)
    assert workshop.unit("agree").excluded
    assert not workshop.unit("lookup/l/name").excluded


def test_rules_apply_to_units_of_later_snapshots(workshop: Workshop) -> None:
    """Also a rule whose units came after it, in the order in which the rules were made."""
    workshop.import_source(CONSENT)
    workshop.tag("form/*", "priority=3")
    workshop.tag("*/agree*/*", "sensitive")
    workshop.import_source({**CONSENT, "agree_more": "Agree more"})
    unit = workshop.unit("agree_more")
    assert (unit.priority, unit.sensitive, unit.excluded) == (3, True, False)


def test_rules_reach_retired_units_too(workshop: Workshop) -> None:
    """A unit that revives stands in the scope that was made meanwhile."""
    workshop.import_source(CONSENT)
    workshop.import_source({"agree": "I agree"}, allow_removals=True)
    assert workshop.tag("form/*", "do-not-translate") == ScopeChange(matched=1, changed=1)
    workshop.import_source(CONSENT, allow_removals=True)
    assert workshop.unit("refuse").do_not_translate


def test_a_newly_sensitive_unit_needs_two_at_once(workshop: Workshop) -> None:
    """The tag takes the approval's force away, and gives it back only where no approval was made under it."""
    workshop.import_source(CONSENT)
    workshop.import_texts({"agree": "J'accepte"})
    workshop.approve("reem", "agree")
    workshop.tag("*/agree/*")
    assert workshop.state("agree") is State.TRANSLATED
    assert (workshop.translation("agree").approvals, workshop.translation("agree").approvals_needed) == (1, 2)
    workshop.tag("*/agree/*", "sensitive", ScopeAction.UNTAG)
    assert workshop.state("agree") is State.APPROVED


def test_an_approval_made_while_it_was_sensitive_keeps_needing_the_second(workshop: Workshop) -> None:
    """Taking the tag away does not approve what one person approved under it."""
    workshop.import_source(CONSENT)
    workshop.import_texts({"agree": "J'accepte"})
    workshop.tag("*/agree/*")
    workshop.approve("reem", "agree")
    workshop.tag("*/agree/*", "sensitive", ScopeAction.UNTAG)
    assert workshop.state("agree") is State.TRANSLATED
    workshop.approve("omar", "agree")
    assert workshop.state("agree") is State.APPROVED


def test_a_pattern_that_matches_nothing_is_refused(workshop: Workshop) -> None:
    """It is most likely mistyped; no rule is kept."""
    workshop.import_source(CONSENT)
    with pytest.raises(NotFound, match=r"No unit of 'iraq' matches 'form/consnt/\*'"):
        workshop.tag("form/consnt/*")
    assert workshop.look(lambda s: list_rules(s, 1)) == []


def test_a_tag_needs_a_reason_and_must_be_one(workshop: Workshop) -> None:
    """Both refusals say what to do; nothing is kept."""
    from service.audit.service import Actor
    from service.catalog.service.scope import add_rule

    workshop.import_source(CONSENT)
    for tag, reason, sentence in (("urgent", "so", "use sensitive"), ("sensitive", " ", "Say why")):
        with pytest.raises(BadInput, match=sentence):
            workshop.act(
                lambda s, d, now, tag=tag, reason=reason: add_rule(
                    s, d, action=ScopeAction.TAG, pattern="*", tag=tag, reason=reason, actor=Actor("x"), now=now
                )
            )
    assert workshop.look(lambda s: list_rules(s, 1)) == []


def test_a_rule_is_in_the_audit_with_its_reason(workshop: Workshop) -> None:
    """Who, which pattern, which tag, why, and what it did."""
    workshop.import_source(CONSENT)
    workshop.tag(key_of("agree"))
    entry = workshop.audit()[-1]
    assert (entry.action, entry.subject, entry.person_id) == ("scope.tag", key_of("agree"), "specialist")
    assert entry.detail == {"tag": "sensitive", "reason": "said so", "matched": 1, "changed": 1}
    assert entry.actor == "person"
    assert entry.deployment_id == ANY
