"""What has to be sent and asked for, decided without a Transifex."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import yaml

from extractors.texts import text_hash
from extractors.units import UnitKey
from service.deployments.rules import ResourceFormat
from service.sync.plan import (
    SETTLING,
    LocalResource,
    PushedFact,
    PushUnit,
    RemoteResource,
    RemoteString,
    Statistics,
    StepKind,
    lay_out,
    plan_pull,
    plan_push,
    plan_upload,
    settled,
)
from service.sync.rules.formats import FORMATS
from service.sync.rules.formats.rails_yaml import BRIDGE_KEY

YML = FORMATS[ResourceFormat.YML]
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def unit(number: int, key: str, source: str, known: str | None = None) -> PushUnit:
    return PushUnit(number, UnitKey.parse(key), source, text_hash(source), known)


def resource(**texts: str) -> LocalResource:
    units = [unit(number, f"form/f/{name}/display_name", text) for number, (name, text) in enumerate(texts.items())]
    return lay_out(units, "en", YML, slugs={}, names={}).resources[0]


def test_forms_each_and_lookups_together() -> None:
    """Every form is a resource, all lookups are one, in the order of the units."""
    units = [
        unit(1, "form/b/name", "B form"), unit(2, "lookup/l/name", "L"), unit(3, "form/a/name", "A form"),
        unit(4, "lookup/m/name", "M"), unit(5, "form/b/x/display_name", "X"),
    ]  # fmt: skip
    layout = lay_out(units, "en", YML, slugs={}, names={"form/b": "B form"})
    assert [(found.slug, found.record, found.name) for found in layout.resources] == [
        ("b", "form/b", "B form"), ("lookup", "lookup", "Lookups"), ("a", "form/a", "a"),
    ]  # fmt: skip
    assert yaml.safe_load(layout.resources[0].content({})) == {
        "en": {"b": {"name": "B form", "fields": {"x": {"display_name": "X"}}}}
    }


def test_a_slug_once_used_stays() -> None:
    """A record keeps the slug that it has on Transifex, whatever the rule would make of its id now."""
    layout = lay_out([unit(1, "form/b/name", "B")], "en", YML, slugs={"form/b": "b_old"}, names={})
    assert layout.resources[0].slug == "b_old"


def test_units_that_transifex_cannot_tell_apart_are_reported() -> None:
    """Of two units with one string key the first goes up, the second is named."""
    units = [
        unit(1, "form/f/a.b/display_name", "One"),
        PushUnit(2, UnitKey.parse("form/f/a%3CTX_DOT%3Eb/display_name"), "Two", ""),
    ]
    layout = lay_out(units, "en", YML, slugs={}, names={})
    assert [member.id for member in layout.resources[0].units] == [1]
    assert layout.indistinct == ("form/f/a%3CTX_DOT%3Eb/display_name",)


def test_every_tally_text_goes_up() -> None:
    """Tally labels, which no file for Primero may carry, are translated all the same."""
    layout = lay_out([unit(1, "form/f/t/tally/boys", "Boys")], "en", YML, slugs={}, names={})
    assert b'"tally"' in layout.resources[0].content({})


def test_the_content_hash_follows_the_text_and_not_its_spelling() -> None:
    """White space at the ends and Unicode forms make no new content; another text, order or key does."""
    assert resource(a="Café").content_hash == resource(a=" Cafe\u0301\r\n").content_hash
    hashes = {resource(**texts).content_hash for texts in ({"a": "x"}, {"a": "y"}, {"b": "x"}, {"a": "x", "b": "x"})}
    assert len(hashes) == 4


LOCAL = resource(a="A", b="B")
SAME = PushedFact("f", "form/f", LOCAL.content_hash, 2)


@pytest.mark.parametrize(
    ("remote", "fact", "kind"),
    [
        (None, None, StepKind.CREATE),
        (None, SAME, StepKind.CREATE),
        (RemoteResource("f", "F", "YML", 2), SAME, StepKind.KEEP),
        (RemoteResource("f", "F", None, None), SAME, StepKind.KEEP),
        (RemoteResource("f", "F", "YML", 2), None, StepKind.UPDATE),
        (RemoteResource("f", "F", "YML", 0), SAME, StepKind.UPDATE),
        (RemoteResource("f", "F", "YML", 2), PushedFact("f", "form/f", "", 2), StepKind.UPDATE),
        (RemoteResource("f", "F", "KEYVALUEJSON", 2), SAME, StepKind.REFUSE),
    ],
)  # fmt: skip
def test_what_is_sent(remote: RemoteResource | None, fact: PushedFact | None, kind: StepKind) -> None:
    """Sent is what is missing there, what changed here, and what was changed there; another format is refused."""
    plan = plan_push([LOCAL], [remote] if remote else [], [fact] if fact else [])
    assert [step.kind for step in plan.steps] == [kind]


def test_resources_without_texts_of_ours_are_named() -> None:
    """A resource whose form is gone is left as it is and named; one that is gone there too is not."""
    gone = [PushedFact("old", "form/old", "x", 1), PushedFact("older", "form/older", "x", 1)]
    assert plan_push([LOCAL], [RemoteResource("old", "Old")], gone).left == ("old",)


def strings(**texts: str | None) -> list[RemoteString]:
    return [RemoteString(f"f.fields.{name}.display_name", text) for name, text in texts.items()]


def test_an_upload_says_what_it_does() -> None:
    """Fresh, changed and removed strings are told apart; a plural one of the same key changes."""
    plan = plan_upload(resource(a="A", b="B", c="C", d="D"), strings(a="A", b="x", c=None, z="Z"), allow_removals=True)
    assert [member.key.field for member in plan.fresh] == ["d"]
    assert [member.key.field for member in plan.changed] == ["b", "c"]
    assert plan.removed == ("form/f/z/display_name",)


def test_a_text_of_the_same_hash_is_sent_as_it_stands_there() -> None:
    """Transifex compares letter by letter: ours would drop the translations of a text that is the same."""
    plan = plan_upload(resource(a="Café", b="B"), strings(a="Cafe\u0301 ", b="B\0"), allow_removals=False)
    assert yaml.safe_load(plan.content)["en"]["f"]["fields"]["a"]["display_name"] == "Cafe\u0301 "
    assert [member.key.field for member in plan.changed] == ["b"]


@pytest.mark.parametrize(("total", "kept", "refused"), [(10, 9, False), (10, 8, True), (1, 0, True), (25, 22, True)])
def test_the_guard_stands_at_a_tenth(total: int, kept: int, refused: bool) -> None:
    """More than a tenth of the strings there are not deleted unless that is allowed."""
    there = strings(**{f"q{number}": "x" for number in range(total)})
    mine = resource(**{f"q{number}": "x" for number in range(kept)}, new="N")
    assert bool(plan_upload(mine, there, allow_removals=False).refusal) is refused
    assert not plan_upload(mine, there, allow_removals=True).refusal


def test_our_own_reserved_key_is_never_counted_as_removed() -> None:
    """Should Transifex take the guard for a string, a push does not stumble over it."""
    there = [*strings(a="A"), RemoteString(f"f.fields.a.option_strings_text.{BRIDGE_KEY}", "x")]
    assert plan_upload(resource(a="A"), there, allow_removals=False).removed == ()


def fact(**changes: object) -> Statistics:
    values = {"slug": "f", "language": "fr", "total": 2, "translated": 1, "reviewed": 0, "last_update": NOW}
    return Statistics(**{**values, **changes})  # type: ignore[arg-type]


def pulls(now: Statistics, *seen: Statistics, everything: bool = False) -> int:
    return len(plan_pull([now], seen, slugs={"f"}, languages={"fr"}, everything=everything).pairs)


def test_pairs_that_did_not_move_are_left() -> None:
    """The same date and numbers as at the last pull cost no request, unless everything is asked for."""
    plan = plan_pull([fact()], [fact()], slugs={"f"}, languages={"fr"})
    assert (plan.pairs, plan.unmoved) == ((), 1)
    assert pulls(fact(), fact(), everything=True) == 1


@pytest.mark.parametrize(
    "before",
    [
        [], [fact(last_update=None)], [fact(last_update=NOW - timedelta(seconds=1))], [fact(translated=0)],
        [fact(reviewed=1)], [fact(total=3)], [fact(slug="g")], [fact(language="ar")],
    ],
)  # fmt: skip
def test_pairs_that_moved_or_are_unsure_are_pulled(before: list[Statistics]) -> None:
    """Another date or number, or nothing to compare with, means a pull."""
    assert pulls(fact(), *before) == 1


def test_a_pair_without_a_date_is_always_pulled() -> None:
    """Where Transifex gives no date nothing can be told."""
    assert pulls(fact(last_update=None), fact(last_update=None)) == 1


@pytest.mark.parametrize(("now", "before", "pulled"), [(0, None, False), (0, 0, False), (0, 1, True), (1, 0, True)])
def test_pairs_without_a_text_cost_nothing(now: int, before: int | None, pulled: bool) -> None:
    """A language that nobody has begun is not listed; one that lost its last text is."""
    seen = [] if before is None else [fact(translated=before, last_update=None)]
    assert bool(pulls(fact(translated=now), *seen)) is pulled


def test_foreign_resources_and_languages_are_not_pulled() -> None:
    """Only what we pushed, only what a locale is mapped to."""
    listed = [fact(slug="g"), fact(language="en")]
    assert plan_pull(listed, [], slugs={"f"}, languages={"fr"}).pairs == ()


@pytest.mark.parametrize(
    ("age", "kept"), [(SETTLING, True), (SETTLING - timedelta(seconds=1), False), (-timedelta(hours=1), False)]
)
def test_a_date_is_remembered_once_it_has_settled(age: timedelta, kept: bool) -> None:
    """A date too near (or ahead of our clock) may cover another change yet, so it is not remembered."""
    assert (settled(fact(last_update=NOW - age), NOW) is not None) is kept
