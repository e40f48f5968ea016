"""Push, pull and everything that follows, in each format in which a deployment may file its texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from extractors.load import load_source
from extractors.reading import read_path
from extractors.texts import normalise_text
from extractors.units import Catalog, UnitKey
from service.catalog.models import State
from service.deployments.rules import ResourceFormat
from service.sample import sample_path
from service.sync.models import PushedResource, RunState
from tests.support.syncing import BOT, World

NAME, AGREE = "form/consent/name", "form/consent/agree/display_name"
ODD = {
    "form/consent/name": "Consent",
    "form/consent/agree/display_name": 'I "agree"\nto 100 % of this: C:\\temp',
    "form/consent/a.b%3Ac%5Cd/display_name": "\tTabbed\there",
    "form/consent/other/option_strings_text/one": "1",
    "form/consent/other/option_strings_text/other": "2024-01-02",
    "form/consent/%25/option_strings_text/1.5": "yes",
    "form/consent/rtl/display_name": "\u200f\u0645\u0648\u0627\u0641\u0642\u0629\u200f",
    "form/consent/po/help_text": 'msgid ""\nmsgstr "Language: fr\\n"',
    "lookup/lookup-sex/lookup_values/string": "বাংলা \u09af\u09bc",
    "lookup/lookup-sex/lookup_values/context": "Cafe\u0301",
    "lookup/lookup.dots/name": "%{name} and {n}",
}
PLURAL, BROKEN = "{n, plural, one {# day} other {# days}}", "One\u2028two"
formats = pytest.mark.parametrize("text_format", list(ResourceFormat), ids=lambda each: each.value)


@pytest.fixture(params=list(ResourceFormat), ids=lambda each: each.value)
def world(request: pytest.FixtureRequest, make_world: Callable[..., World]) -> World:
    """A deployment in one of the formats, translated into French."""
    return make_world(text_format=request.param)


def in_french(text: str) -> str:
    return f'“{normalise_text(text)}” \\ "fr"\n{{x}} 100 %'


@pytest.mark.parametrize("source", ["odd", "sample", "corpus"])
def test_a_cycle_brings_every_text_up_and_down(world: World, source: str, request: pytest.FixtureRequest) -> None:
    """What is pushed stands there, what volunteers write comes in as written, and then nothing is left to do."""
    sources = dict(ODD) if source == "odd" else _real_texts(source, request)
    world.bring(sources)
    first = world.push()
    assert (first.state, first.outcome["counts"]["failed"]) == (RunState.DONE, 0)
    assert all(item["counted"] == item["strings"] for item in first.outcome["items"])
    assert (first.outcome["unfit"], first.outcome["indistinct"]) == ([], [])
    # A fifth of a real configuration is enough to come back.
    translated = {key: in_french(text) for key, text in list(sources.items())[:: 1 if source == "odd" else 5]}
    places: dict[str, dict[str, str]] = {}
    for key, text in sources.items():
        wanted = places.setdefault(world.place(key), {})
        wanted[world.format.string_key(UnitKey.parse(key))] = normalise_text(text)
    for place, wanted in places.items():
        resource = world.sandbox.resource(place)
        assert resource.i18n_format == world.format.name.value
        assert {string.key: string.strings["other"] for string in resource.strings.values()} == wanted
        assert not any(string.pluralized or string.context for string in resource.strings.values())
    world.translate(translated)
    pulled = world.pull()
    assert (pulled.outcome["texts"]["filled"], pulled.outcome["texts"]["unknown"]) == (len(translated), 0)
    assert {key: world.text(key) for key in list(translated)[:20]} == dict(list(translated.items())[:20])
    again = world.push()
    assert (again.state, again.outcome["counts"]["unchanged"]) == (RunState.NO_CHANGES, len(places))
    assert world.pull().state is RunState.NO_CHANGES


def _real_texts(source: str, request: pytest.FixtureRequest) -> dict[str, str]:
    folder: Path = request.getfixturevalue("corpus") / "primero-default" if source == "corpus" else sample_path()
    catalog: Catalog = load_source(read_path(folder / "configuration.json")).catalog
    return {str(unit.key): unit.source for unit in catalog.translatable()}


def test_only_the_changed_text_loses_its_translation(world: World) -> None:
    """A new source text keeps the string's name: its translation becomes stale, all others stay as they are."""
    world.bring(ODD)
    world.push()
    world.translate({key: in_french(text) for key, text in ODD.items()})
    world.pull()
    world.bring({**ODD, AGREE: "I agree now"})
    report = world.push()
    (item,) = report.outcome["items"]
    assert (item["created"], item["updated"], item["deleted"]) == (0, 1, 0)
    world.pull()
    assert (world.state(AGREE), world.state(NAME)) == (State.STALE, State.TRANSLATED)
    assert all((world.theirs(key) is not None) == (key != AGREE) for key in ODD)


def test_a_resource_of_ours_is_taken_over(world: World) -> None:
    """A project that is connected anew is matched by key: what is the same stays, what differs is kept as stale."""
    world.bring(ODD)
    world.push()
    world.translate({key: in_french(text) for key, text in ODD.items()})
    world.forget()
    world.bring({**ODD, AGREE: "I agree now"})
    report = world.push()
    adopted = [item["adopted"] for item in report.outcome["items"]]
    assert sum(each["matched"] for each in adopted) == len(ODD) - 1
    assert sum(each["rescued"] for each in adopted) == 1
    assert (world.text(AGREE), world.state(AGREE)) == (in_french(ODD[AGREE]), State.STALE)
    world.pull()
    assert world.text(NAME) == in_french(ODD[NAME])


def test_a_resource_that_others_named_is_found_by_its_keys(world: World) -> None:
    """A resource of the same format under another slug is known by its strings, and is not made a second time."""
    world.bring(ODD)
    world.push()
    resource = world.sandbox.state.resources.pop(world.place(NAME))
    resource.slug = "their-own"
    world.sandbox.state.resources[resource.id] = resource
    world.forget()
    report = world.push()
    assert {item["resource"] for item in report.outcome["items"]} == {"their-own", "lookup"}
    assert report.outcome["counts"]["created"] == 0


def test_decisions_reach_transifex(world: World) -> None:
    """Corrections, marks and rejections find their strings; marks are restored after they were lost."""
    world.bring(ODD)
    world.push()
    world.translate({NAME: "Accord", AGREE: "D'accord"})
    world.pull()
    world.correct(NAME, 'L\'"accord"\n\\')
    world.approve(NAME, by="second")
    rejected = world.reject(AGREE)
    world.push()
    theirs = world.theirs(NAME)
    assert theirs is not None
    assert (theirs.strings, theirs.reviewed) == ({"other": 'L\'"accord"\n\\'}, True)
    assert len(world.issues(AGREE)) == 1
    world.reopen(AGREE, rejected)
    theirs.reviewed = False
    assert world.send(marks=True).outcome["sent"]["marked"] == 1
    assert world.theirs(NAME).reviewed  # type: ignore[union-attr]


def test_context_limits_and_comments_do_not_fight(world: World) -> None:
    """Instructions and limits are set once beside the strings; a push of changed texts does not touch them again."""
    world.bring(ODD)
    assert world.push().outcome["described"] == len(ODD)
    string = world.string_there(NAME)
    assert string is not None
    assert (string.instructions or "").startswith("Where: ")
    assert string.character_limit == 60
    carries = world.format.name is not ResourceFormat.YML
    assert ("What: name of a form" in (string.developer_comment or "")) == carries
    world.bring({**ODD, AGREE: "I agree now"})
    again = world.push()
    assert again.outcome["described"] <= 1
    assert world.string_there(NAME).character_limit == 60  # type: ignore[union-attr]
    assert world.push().state is RunState.NO_CHANGES


@formats
def test_what_a_format_cannot_carry_is_left_out_and_said(
    make_world: Callable[..., World], text_format: ResourceFormat
) -> None:
    """The other texts go up; the run names the text and the reason, and once it is mended it goes up too."""
    world = make_world(text_format=text_format)
    bad = {ResourceFormat.PO: BROKEN, ResourceFormat.STRUCTURED_JSON: PLURAL}.get(text_format)
    world.bring({NAME: "Consent", AGREE: bad or PLURAL})
    report = world.push()
    assert world.source_there(NAME) == "Consent"
    if bad is None:
        assert (world.source_there(AGREE), report.outcome["unfit"]) == (PLURAL, [])
        return
    assert world.source_there(AGREE) is None
    assert [entry["key"] for entry in report.outcome["unfit"]] == [AGREE]
    assert f"{text_format.value} cannot carry" in report.message
    assert AGREE in report.message
    again = world.push()
    assert again.state is RunState.NO_CHANGES
    assert AGREE in again.message
    world.bring({NAME: "Consent", AGREE: "Mended"})
    assert world.push().outcome["unfit"] == []
    assert world.source_there(AGREE) == "Mended"


@pytest.mark.parametrize("there", [ResourceFormat.PO, ResourceFormat.YML])
def test_a_resource_of_another_format_is_refused_alone(make_world: Callable[..., World], there: ResourceFormat) -> None:
    """It is left as it is, with a sentence that says what to do, and the others go up."""
    world = make_world(text_format=ResourceFormat.STRUCTURED_JSON)
    world.bring(ODD)
    world.push()
    world.sandbox.resource(world.place(NAME)).i18n_format = there.value
    world.bring({**ODD, NAME: "Your consent", "lookup/lookup-sex/name": "Sex"})
    report = world.push()
    assert report.state is RunState.PARTLY
    by_slug = {item["resource"]: item for item in report.outcome["items"]}
    assert by_slug["lookup"]["result"] == "updated"
    assert by_slug["consent"]["result"] == "refused"
    assert f"has the format {there.value}, not STRUCTURED_JSON" in by_slug["consent"]["message"]
    assert world.source_there(NAME) == "Consent"


def test_our_own_user_is_no_author(world: World) -> None:
    """What the service sent comes back as ours in every format."""
    world.bring(ODD)
    world.push()
    world.bring_texts({NAME: "Accord"})
    world.push()
    theirs = world.theirs(NAME)
    assert theirs is not None
    assert theirs.translator == BOT
    world.pull()
    assert world.author(NAME) is None


def test_escaped_texts_are_read_and_written_as_such(make_world: Callable[..., World]) -> None:
    """Where Transifex was seen to keep the file's backslashes, they neither come in nor are missing in what we send."""
    world = make_world(text_format=ResourceFormat.STRUCTURED_JSON)
    world.bring(ODD)
    world.push()
    with world.database.write() as session:
        for row in session.exec(select(PushedResource)):
            row.escaped = True
            session.add(row)
    world.translate({NAME: 'dit \\"oui\\"\\nla'})
    world.pull()
    assert world.text(NAME) == 'dit "oui"\nla'
    world.correct(NAME, 'dit "non"')
    world.send()
    theirs = world.theirs(NAME)
    assert theirs is not None
    assert theirs.strings == {"other": 'dit \\"non\\"'}
