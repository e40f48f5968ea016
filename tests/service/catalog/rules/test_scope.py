"""The rules of scope."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalog.models import ScopeAction
from service.catalog.rules.scope import Rule, Scope, apply_rules, matches, parse_tag

EXCLUDE, INCLUDE, TAG, UNTAG = ScopeAction.EXCLUDE, ScopeAction.INCLUDE, ScopeAction.TAG, ScopeAction.UNTAG
KEY = "form/consent/agree/display_name"


@pytest.mark.parametrize(
    ("pattern", "key", "found"),
    [
        (KEY, KEY, True),
        ("form/consent/*", KEY, True),
        ("*", KEY, True),
        ("*/display_name", KEY, True),
        ("form/*/display_name", KEY, True),
        ("form/consent/agree/display_nam?", KEY, True),
        ("form/consent/[ab]gree/display_name", KEY, True),
        ("form/consent", KEY, False),
        ("consent/*", KEY, False),
        ("Form/consent/*", KEY, False),
        ("form/consent/agree/display_name*", KEY, True),
        ("form/consent.agree/display_name", KEY, False),
        ("lookup/l/lookup_values/a%2Fb", "lookup/l/lookup_values/a%2Fb", True),
    ],
)
def test_a_key_pattern_is_a_shell_glob_over_the_whole_canonical_key(pattern: str, key: str, found: bool) -> None:
    """`*` crosses `/`, case counts, and the whole key must match."""
    assert matches(pattern, key) is found


def test_without_rules_everything_is_in_scope() -> None:
    """A new deployment translates all."""
    assert apply_rules(KEY, []) == Scope()


@pytest.mark.parametrize(
    ("rules", "scope"),
    [
        ([Rule(EXCLUDE, "form/*")], Scope(excluded=True)),
        ([Rule(EXCLUDE, "form/*"), Rule(INCLUDE, "form/consent/*")], Scope()),
        ([Rule(INCLUDE, "form/consent/*"), Rule(EXCLUDE, "form/*")], Scope(excluded=True)),
        ([Rule(EXCLUDE, "lookup/*")], Scope()),
        ([Rule(TAG, "*", "sensitive")], Scope(sensitive=True)),
        ([Rule(TAG, "*", "sensitive"), Rule(UNTAG, "form/consent/*", "sensitive")], Scope()),
        ([Rule(TAG, "*", "do-not-translate")], Scope(do_not_translate=True)),
        ([Rule(TAG, "*", "do-not-translate"), Rule(UNTAG, "*", "do-not-translate")], Scope()),
        ([Rule(TAG, "*", "priority=9"), Rule(TAG, "form/*", "priority=-9")], Scope(priority=-9)),
        ([Rule(TAG, "*", "priority=5"), Rule(UNTAG, "*", "priority")], Scope()),
        ([Rule(TAG, "*", "sensitive"), Rule(EXCLUDE, "*")], Scope(excluded=True, sensitive=True)),
    ],
)
def test_a_later_rule_wins_over_an_earlier_one_on_the_same_thing(rules: list[Rule], scope: Scope) -> None:
    """The last match says whether a unit is left out, tagged, or first; each thing for itself."""
    assert apply_rules(KEY, rules) == scope


@given(
    st.lists(
        st.builds(
            Rule,
            st.sampled_from([EXCLUDE, INCLUDE]),
            st.sampled_from(["*", "form/*", "lookup/*", KEY]),
        )
    )
)
def test_only_the_last_matching_rule_counts(rules: list[Rule]) -> None:
    """Whatever came before it makes no difference."""
    last = next((rule for rule in reversed(rules) if rule.pattern != "lookup/*"), None)
    assert apply_rules(KEY, rules).excluded is (last is not None and last.action is EXCLUDE)


@pytest.mark.parametrize("tag", ["sensitive", "do-not-translate", "priority=0", "priority=9", "priority=-9"])
def test_the_tags_there_are(tag: str) -> None:
    """sensitive, do-not-translate, priority=N with N from -9 to 9."""
    assert parse_tag(tag) == tag
    assert parse_tag(tag, removing=True) == tag


@pytest.mark.parametrize(
    "tag", ["", "Sensitive", "priority", "priority=", "priority=10", "priority=+1", "priority=٣", "urgent", "excluded"]
)
def test_anything_else_is_no_tag(tag: str) -> None:
    """The refusal lists the tags there are."""
    with pytest.raises(ValueError, match=r"use sensitive, do-not-translate, or priority=N with N from -9 to 9"):
        parse_tag(tag)


def test_a_priority_is_taken_away_without_saying_which() -> None:
    """`priority` alone is enough to remove one."""
    assert parse_tag("priority", removing=True) == "priority"
