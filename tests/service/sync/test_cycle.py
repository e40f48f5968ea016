"""The whole way round, against a Transifex of our own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import select

from service.auth.models import Person
from service.catalog.models import Origin, State
from service.catalog.rules.overwrite import Outcome
from service.sync.models import RunState
from tests.support.syncing import BOT, World

NAME = "form/consent/name"
AGE = "form/consent/age/display_name"
YES = "form/consent/agree/option_strings_text/true"
SEX = "lookup/lookup-sex/lookup_values/f"

SOURCES = {
    NAME: "Consent",
    AGE: "Age",
    "form/consent/agree/display_name": "Does the child agree?",
    YES: "Yes",
    "form/consent/agree/option_strings_text/false": "No",
    "lookup/lookup-sex/name": "Sex",
    SEX: "Female",
}


def test_a_text_goes_up_is_translated_and_comes_down_with_its_author(world: World) -> None:
    """What is pushed can be translated there, and what is translated arrives with author, date and origin."""
    world.bring(SOURCES)
    report = world.push()
    assert report.state is RunState.DONE
    assert report.outcome["counts"]["created"] == 2
    assert report.outcome["languages_added"] == ["fr"]
    assert world.source_there(YES) == "Yes"
    world.translate({NAME: "Consentement", SEX: "Femme"}, by="amina")
    written = world.clock()
    report = world.pull()
    assert report.state is RunState.DONE
    assert (world.text(NAME), world.text(SEX), world.text(AGE)) == ("Consentement", "Femme", None)
    assert world.author(NAME) == "amina"
    ours = world.ours(NAME)
    assert ours is not None
    assert (ours.origin, ours.written_at, ours.state) == (Origin.TRANSIFEX, written, State.TRANSLATED)


def test_the_resource_has_the_forms_name_and_the_lookups_lie_in_one(world: World) -> None:
    """Volunteers see the form's name, and all lookups in one resource."""
    world.bring({**SOURCES, "lookup/lookup-yes/lookup_values/y": "Yes"})
    world.push()
    names = {resource.slug: resource.name for resource in world.sandbox.state.resources.values()}
    assert names == {"consent": "Consent", "lookup": "Lookups"}


def test_a_second_pull_asks_once_and_changes_nothing(world: World) -> None:
    """A pull after which nothing moved costs one request, whatever there is."""
    world.bring(SOURCES)
    world.push()
    world.translate({NAME: "Consentement"})
    world.pull()
    before = world.ours(NAME)
    report = world.pull()
    assert (report.state, report.requests) == (RunState.NO_CHANGES, 1)
    assert report.outcome["counts"]["unmoved"] == 2
    assert world.ours(NAME) == before


def test_a_pull_asks_for_what_moved_alone(world: World) -> None:
    """One volunteer's text in one resource costs one listing beside the statistics and the look for questions."""
    world.bring(SOURCES)
    world.push()
    world.pull()
    world.translate({SEX: "Femme"})
    report = world.pull()
    assert report.requests == 3
    assert world.text(SEX) == "Femme"


def test_what_changed_within_the_last_minute_is_pulled_again(world: World) -> None:
    """A second change under the same date of Transifex's statistics is not missed."""
    world.bring(SOURCES)
    world.push()
    world.translate({NAME: "Consentement"})
    world.clock.move(minutes=-5)
    world.pull()
    world.sandbox.translate(world.place(NAME), "fr", {"consent.name": "Accord"}, by="amina")
    world.pull()
    assert world.text(NAME) == "Accord"


def test_a_second_push_sends_nothing(world: World) -> None:
    """Unchanged content is not uploaded again."""
    world.bring(SOURCES)
    world.push()
    world.requests.clear()
    report = world.push()
    assert report.state is RunState.NO_CHANGES
    assert {request.method for request in world.requests} == {"GET"}
    assert report.outcome["counts"]["unchanged"] == 2


def test_a_changed_source_makes_the_old_pair_stale_and_its_blank_erases_nothing(world: World) -> None:
    """Our own push drops the translation there; the blank that the next pull sees leaves ours, approval and all."""
    world.bring(SOURCES)
    world.push()
    world.translate({NAME: "Consentement", AGE: "Âge"})
    world.pull()
    world.approve(NAME)
    world.bring({**SOURCES, NAME: "Consent form"})
    world.push()
    assert world.theirs(NAME) is None
    assert world.theirs(AGE) is not None
    world.pull()
    assert (world.text(NAME), world.state(NAME)) == ("Consentement", State.STALE)
    world.translate({NAME: "Formulaire de consentement"}, by="bilal")
    world.pull()
    assert (world.text(NAME), world.state(NAME)) == ("Formulaire de consentement", State.TRANSLATED)
    assert world.author(NAME) == "bilal"


def test_an_equal_text_written_anew_is_no_longer_stale(world: World) -> None:
    """A volunteer who writes the same words on the new source says that they still hold."""
    world.bring(SOURCES)
    world.push()
    world.translate({NAME: "Consentement"})
    world.pull()
    world.bring({**SOURCES, NAME: "Consents"})
    world.push()
    world.pull()
    assert world.state(NAME) is State.STALE
    world.translate({NAME: "Consentement"})
    world.pull()
    assert world.state(NAME) is State.TRANSLATED


def test_our_own_writing_says_nothing_of_the_new_source(world: World) -> None:
    """An equal text that the service itself wrote leaves the pair stale: nobody looked at it."""
    world.bring(SOURCES)
    world.push()
    world.translate({NAME: "Consentement"})
    world.pull()
    world.bring({**SOURCES, NAME: "Consents"})
    world.push()
    world.translate({NAME: "Consentement"}, by=BOT)
    world.pull()
    assert world.state(NAME) is State.STALE


def test_a_source_edited_on_transifex_gives_way(world: World) -> None:
    """Primero shows its own source: an edit there does not outlive the next upload of the resource."""
    world.bring(SOURCES)
    world.push()
    for string in world.sandbox.resource(world.place(NAME)).strings.values():
        if string.key == "consent.name":
            string.strings, string.edited = {"other": "Agreement"}, True
    world.bring({**SOURCES, AGE: "How old?"})
    world.push()
    assert world.source_there(NAME) == "Consent"


def test_a_string_made_anew_counts_as_pushed_anew(world: World) -> None:
    """What Transifex had lost and gets again, it gets at that time, though our text is the same."""
    world.bring(SOURCES)
    world.push()
    first = world.unit(NAME).pushed_at
    del world.sandbox.state.resources[world.place(NAME)]
    world.push()
    again = world.unit(NAME).pushed_at
    assert first is not None
    assert again is not None
    assert again > first
    assert again == world.clock()


def test_only_units_whose_text_changed_count_as_pushed_again(world: World) -> None:
    """A push moves the date of the changed unit, not that of its neighbours in the same resource."""
    world.bring(SOURCES)
    world.push()
    first = world.unit(AGE).pushed_at
    world.bring({**SOURCES, NAME: "Consent form"})
    world.push()
    assert world.unit(AGE).pushed_at == first
    changed = world.unit(NAME)
    assert changed.pushed_at is not None
    assert first is not None
    assert changed.pushed_at > first
    assert changed.pushed_source_hash == changed.source_hash


def test_both_sides_changed_is_a_conflict(world: World) -> None:
    """A correction here and another text there: ours stays, the conflict is open and reported."""
    world.bring(SOURCES)
    world.push()
    world.translate({NAME: "Consentement"})
    world.pull()
    world.correct(NAME, "Accord")
    world.translate({NAME: "Consentement éclairé"})
    report = world.pull()
    assert world.text(NAME) == "Accord"
    assert [conflict.their_text for conflict in world.conflicts()] == ["Consentement éclairé"]
    assert report.outcome["texts"][Outcome.CONFLICT] == 1
    assert {"key": NAME, "outcome": "conflict"} in report.outcome["items"][0]["listed"]


@pytest.mark.parametrize("known_by", ["setting", "deployment"])
def test_the_services_own_user_is_never_an_author(world: World, known_by: str) -> None:
    """What we wrote on Transifex ourselves comes back without an author, whoever told us our name there."""
    world.bring(SOURCES)
    world.push()
    if known_by == "deployment":
        with world.database.write() as session:
            world.deployment_in(session).service_username = BOT
    world.translate({NAME: "Consentement"}, by=BOT)
    world.translate({AGE: "Âge"}, by="amina")
    world.pull(own_user=BOT if known_by == "setting" else None)
    ours = world.ours(NAME)
    assert ours is not None
    assert (ours.text, ours.author_id) == ("Consentement", None)
    with world.database.read() as session:
        assert session.exec(select(Person).where(Person.transifex_username == BOT)).first() is None
    assert world.author(AGE) == "amina"


def test_options_named_like_plural_forms_survive(make_world: Callable[..., World]) -> None:
    """Options ``one`` and ``other`` are two texts each way, in English and in a language with a single form."""
    world = make_world(locales={"fr": "fr", "km": "km"})
    one, other = (f"lookup/lookup-many/lookup_values/{name}" for name in ("one", "other"))
    alone = "form/f/who/option_strings_text/other"
    world.bring({one: "One", other: "Other", alone: "Other"})
    report = world.push()
    assert (world.source_there(one), world.source_there(other), world.source_there(alone)) == ("One", "Other", "Other")
    assert not report.message.count("counts")
    world.translate({one: "Un", other: "Autre"})
    world.translate({one: "មួយ", other: "ផ្សេង", alone: "ផ្សេង"}, language="km")
    report = world.pull()
    assert (world.text(one), world.text(other)) == ("Un", "Autre")
    assert (world.text(one, "km"), world.text(alone, "km")) == ("មួយ", "ផ្សេង")
    assert report.outcome["texts"]["unknown"] == 0


@pytest.mark.parametrize(
    "text", ["1", "1.5", "2024-01-02", "yes", "No", "null", "~", "true", ": x", "a: b", "<<", "*x"]
)
def test_texts_that_look_like_something_else_stay_texts(world: World, text: str) -> None:
    """Numbers, dates, yes and no go up, are translated and come down as the texts they are; so do such ids."""
    key = f"lookup/lookup-odd/lookup_values/{'id' if '<' in text or '*' in text else 'yes'}"
    world.bring({key: text})
    world.push()
    assert world.source_there(key) == text
    world.translate({key: text})
    world.pull()
    assert world.text(key) == text


def test_a_text_with_another_spelling_of_the_same_hash_is_not_sent(world: World) -> None:
    """A source there that differs in spaces or Unicode form alone keeps its text, and so its translations."""
    world.bring({NAME: "Café", AGE: "Age"})
    world.push()
    world.translate({NAME: "Bistro"})
    string = next(iter(world.sandbox.resource(world.place(NAME)).strings.values()))
    string.strings = {"other": "Cafe\u0301 "}
    world.bring({NAME: " Café", AGE: "Your age"})
    world.push()
    assert world.source_there(AGE) == "Your age"
    assert world.theirs(NAME) is not None


def test_left_out_units_do_not_go_up(world: World) -> None:
    """Excluded and do-not-translate units stay here."""
    from service.catalog.models import ScopeAction
    from service.catalog.service.scope import add_rule
    from tests.support.syncing import SYNC

    world.bring(SOURCES)
    with world.database.write() as session:
        deployment = world.deployment_in(session)
        for action, pattern, tag in (
            (ScopeAction.EXCLUDE, SEX, ""),
            (ScopeAction.TAG, AGE, "do-not-translate"),
        ):
            add_rule(
                session, deployment, action=action, pattern=pattern, tag=tag, reason="a name", actor=SYNC,
                now=world.clock(),
            )  # fmt: skip
    world.push()
    assert (world.source_there(SEX), world.source_there(AGE)) == (None, None)
    assert world.source_there(NAME) == "Consent"
