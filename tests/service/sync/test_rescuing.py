"""What volunteers wrote since the last pull, when a push is about to drop it, against a Transifex of our own."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from service.catalog.models import State
from service.sync.models import RunState
from tests.support.syncing import BOT, World
from transifex_client.wire import httpx

NAME = "form/consent/name"
AGE = "form/consent/age/display_name"
SEX = "form/consent/sex/display_name"
FIRST = {NAME: "Consent", AGE: "Age", SEX: "Sex"}
CHANGED = {**FIRST, AGE: "Age in years"}
SHORTER = {NAME: "Consent", SEX: "Sex"}


@pytest.fixture
def pushed(world: World) -> World:
    """A deployment whose texts are on Transifex, pulled once."""
    world.bring(FIRST)
    world.push()
    world.translate({NAME: "Accord"})
    world.pull()
    return world


def test_a_push_of_a_changed_source_keeps_what_was_written_since_the_last_pull(pushed: World) -> None:
    """The text comes in as written on the old source, stale, with its author, before the upload drops it."""
    pushed.translate({AGE: "Âge"}, by="amina")
    pushed.bring(CHANGED)
    report = pushed.push()
    assert report.state is RunState.DONE
    assert (pushed.source_there(AGE), pushed.theirs(AGE)) == ("Age in years", None)
    assert (pushed.text(AGE), pushed.state(AGE), pushed.author(AGE)) == ("Âge", State.STALE, "amina")
    assert report.outcome["items"][0]["rescued"] == 1
    assert "were kept: 1" in report.message


def test_what_was_rescued_stays_stale_and_revives_with_its_source(pushed: World) -> None:
    """No later pull takes the old text for one on the new source; with the old source it is current again."""
    pushed.translate({AGE: "Âge"})
    pushed.bring(CHANGED)
    pushed.push()
    pushed.pull(everything=True)
    assert (pushed.text(AGE), pushed.state(AGE)) == ("Âge", State.STALE)
    pushed.bring(FIRST)
    pushed.push()
    pushed.pull(everything=True)
    assert (pushed.text(AGE), pushed.state(AGE)) == ("Âge", State.TRANSLATED)


def test_a_newer_text_there_replaces_ours_that_did_not_change(pushed: World) -> None:
    """A text that a volunteer improved on the old source is the one that is kept."""
    pushed.translate({AGE: "Age fr"})
    pushed.pull()
    pushed.approve(AGE)
    pushed.translate({AGE: "Âge"}, by="binta")
    pushed.bring(CHANGED)
    pushed.push()
    assert (pushed.text(AGE), pushed.state(AGE), pushed.author(AGE)) == ("Âge", State.STALE, "binta")


def test_texts_that_changed_on_both_sides_are_a_conflict(pushed: World) -> None:
    """Ours stays, theirs is kept in the conflict: neither is lost to the upload."""
    pushed.translate({AGE: "Age fr"})
    pushed.pull()
    pushed.correct(AGE, "Âge")
    pushed.translate({AGE: "Vos années"})
    pushed.bring(CHANGED)
    pushed.push()
    assert pushed.text(AGE) == "Âge"
    assert [conflict.their_text for conflict in pushed.conflicts()] == ["Vos années"]


def test_what_is_there_already_counts_for_nothing(pushed: World) -> None:
    """An equal text changes neither author nor date nor state, and nothing is told of it."""
    pushed.translate({AGE: "Âge"})
    pushed.pull()
    before = pushed.ours(AGE)
    pushed.bring(CHANGED)
    report = pushed.push()
    after = pushed.ours(AGE)
    assert before is not None
    assert after is not None
    assert (after.author_id, after.written_at, after.text) == (before.author_id, before.written_at, "Âge")
    assert report.outcome["items"][0]["rescued"] == 0
    assert "kept" not in report.message


def test_a_removed_string_leaves_its_translation_with_the_retired_unit(pushed: World) -> None:
    """The unit keeps the text and its author while it is retired, and has it again when it revives."""
    pushed.translate({AGE: "Âge"}, by="amina")
    pushed.bring(SHORTER)
    pushed.push(allow_removals=True)
    assert pushed.string_there(AGE) is None
    assert (pushed.text(AGE), pushed.author(AGE)) == ("Âge", "amina")
    pushed.bring(FIRST)
    assert pushed.state(AGE) is State.TRANSLATED
    pushed.push()
    theirs = pushed.theirs(AGE)
    assert theirs is not None
    assert theirs.strings == {"other": "Âge"}


def test_a_pull_keeps_texts_of_retired_units(pushed: World) -> None:
    """Between the import that retires a unit and the push that removes its string a pull takes what was written."""
    pushed.translate({AGE: "Âge"})
    pushed.bring(SHORTER)
    report = pushed.pull()
    assert report.outcome["texts"]["unknown"] == 0
    assert pushed.text(AGE) == "Âge"


def test_a_retired_option_is_not_held_against_those_in_use(world: World) -> None:
    """A text that enters for a retired option of a set makes no option in use look like its double."""
    options = {f"lookup/sex/lookup_values/{name}": name for name in ("man", "woman", "other")}
    world.bring(options)
    world.push()
    other = "lookup/sex/lookup_values/other"
    world.translate({"lookup/sex/lookup_values/man": "homme", "lookup/sex/lookup_values/woman": "femme"})
    world.pull()
    world.translate({other: "homme"})
    world.bring({key: text for key, text in options.items() if key != other})
    world.push(allow_removals=True)
    theirs, ours = world.ours(other), world.ours("lookup/sex/lookup_values/man")
    assert theirs is not None
    assert ours is not None
    assert (theirs.text, theirs.checked_on) == ("homme", None)
    assert not ours.blocked


def test_a_unit_that_was_taken_out_of_scope_keeps_what_was_written(pushed: World) -> None:
    """Its string goes; what stood there is kept as written on the source that it still has."""
    from service.catalog.models import ScopeAction
    from service.catalog.service.scope import add_rule
    from tests.support.syncing import SYNC

    pushed.translate({AGE: "Âge"})
    with pushed.database.write() as session:
        add_rule(
            session, pushed.deployment_in(session), action=ScopeAction.EXCLUDE, pattern=AGE, tag="", reason="",
            actor=SYNC, now=pushed.clock(),
        )  # fmt: skip
    pushed.push(allow_removals=True)
    assert pushed.string_there(AGE) is None
    assert (pushed.text(AGE), pushed.state(AGE)) == ("Âge", State.TRANSLATED)


def test_a_source_edited_there_is_the_one_its_translations_were_written_on(pushed: World) -> None:
    """Texts written on a source text that only Transifex had are stale once ours is back."""
    string = pushed.string_there(AGE)
    assert string is not None
    string.strings = {"other": "Age (months)"}
    pushed.translate({AGE: "Âge (mois)"})
    pushed.bring({**FIRST, NAME: "Agreement"})
    pushed.push()
    assert pushed.source_there(AGE) == "Age"
    assert (pushed.text(AGE), pushed.state(AGE)) == ("Âge (mois)", State.STALE)


def test_nothing_is_uploaded_before_it_is_in(pushed: World) -> None:
    """When the translations cannot be read the resource is not uploaded, and the next push makes it good."""
    pushed.translate({AGE: "Âge"})
    pushed.bring(CHANGED)

    def refuse(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/resource_translations":
            error = {"status": "403", "code": "permission_denied", "title": "no", "detail": "no"}
            return httpx.Response(403, content=json.dumps({"errors": [error]}))
        return None

    pushed.intercept = refuse
    assert pushed.push().state is RunState.FAILED
    assert (pushed.source_there(AGE), pushed.theirs(AGE) is None) == ("Age", False)
    pushed.intercept = lambda _request: None
    pushed.push()
    assert (pushed.text(AGE), pushed.state(AGE)) == ("Âge", State.STALE)


def test_our_own_texts_are_nobodys(pushed: World) -> None:
    """What our own user wrote comes in without an author."""
    pushed.translate({AGE: "Âge"}, by=BOT)
    pushed.bring(CHANGED)
    pushed.push()
    assert (pushed.text(AGE), pushed.author(AGE)) == ("Âge", None)


def test_rescuing_costs_one_listing_a_language_where_something_changes(make_world: Callable[..., World]) -> None:
    """Resources whose texts only come anew, or do not change, cost none."""
    world = make_world(locales={"fr": "fr", "es": "es", "so": "so"})
    world.bring({**FIRST, "form/other/name": "Other", "form/third/name": "Third"})
    world.push()
    world.bring({**CHANGED, "form/other/name": "Other", "form/other/q/display_name": "Q", "form/third/name": "Third"})
    world.requests.clear()
    world.push()
    listed = [request for request in world.requests if request.url.path == "/resource_translations"]
    assert len(listed) == 3
    assert {request.url.params["filter[resource]"].rpartition(":")[2] for request in listed} == {"consent"}
