"""What a sync costs in requests, and how it finds out that it missed something, against a Transifex of our own."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil

import pytest

from service.errors import NotFound
from service.sync.models import RunState
from service.sync.plan import SETTLING, Listed, Statistics, date_to_remember
from tests.support.syncing import World
from transifex_client.sandbox.transport import sandbox_transport
from transifex_client.wire import httpx

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LOCALES = ("ar", "bn", "es", "fr", "km", "ku", "ne", "pt", "sw", "th")
FORMS = 65
NAME = "form/f1/name"


def test_a_cycle_in_which_nothing_changed_costs_next_to_nothing(make_world: Callable[..., World]) -> None:
    """A push and a pull of 65 resources in 10 languages: the pages of the statistics, and one request more."""
    world = make_world(locales={locale: locale for locale in LOCALES})
    world.bring({f"form/f{number}/name": f"Form {number}" for number in range(FORMS)})
    world.push()
    world.translate({NAME: "Formulaire"})
    world.translate({NAME: "Formulario"}, language="es")
    world.pull()
    pushed, pulled = world.push(), world.pull()
    assert (pushed.state, pulled.state) == (RunState.NO_CHANGES, RunState.NO_CHANGES)
    assert pushed.requests + pulled.requests <= ceil(FORMS * (len(LOCALES) + 1) / 150) + 1


def test_a_language_that_is_taken_away_there_is_added_again(world: World) -> None:
    """The push that asks for nothing asks again once a pull has missed a language."""
    world.bring({NAME: "Form"})
    world.push()
    world.sandbox.state.projects[world.project].languages.remove("fr")
    assert world.push().outcome["languages_added"] == []
    world.pull()
    assert world.push().outcome["languages_added"] == ["fr"]
    assert world.push().requests == 1


def test_a_push_long_after_the_last_one_still_asks_for_nothing(world: World) -> None:
    """However many pulls lie between two pushes, what the first one saw and told is remembered."""
    world.bring({NAME: "Form"})
    world.push()
    for _ in range(51):
        world.pull()
    assert world.push().requests == 1


def test_everything_compares_what_did_not_move(world: World) -> None:
    """Asked for everything, a pull finds a text that no statistics told of."""
    world.bring({NAME: "Form"})
    world.push()
    world.translate({NAME: "Formulaire"})
    world.pull()
    theirs = world.theirs(NAME)
    assert theirs is not None
    theirs.strings = {"other": "Fiche"}
    world.pull()
    assert world.text(NAME) == "Formulaire"
    world.pull(everything=True)
    assert world.text(NAME) == "Fiche"


def test_one_locale_is_compared_whole_before_its_release(make_world: Callable[..., World]) -> None:
    """It costs the statistics and listings of that language, and says nothing of others."""
    world = make_world(locales={"fr": "fr", "ar": "ar"})
    world.bring({NAME: "Form"})
    world.push()
    for language in ("fr", "ar"):
        world.translate({NAME: "before"}, language=language)
    world.pull()
    for language in ("fr", "ar"):
        theirs = world.theirs(NAME, language)
        assert theirs is not None
        theirs.strings = {"other": "after"}
    world.requests.clear()
    assert world.pull(locale="fr").outcome["languages_absent"] == []
    assert (world.text(NAME), world.text(NAME, "ar")) == ("after", "before")
    assert len(world.requests) == 3
    with pytest.raises(NotFound, match="no locale 'es'"):
        world.pull(locale="es")


def test_a_pair_whose_counts_disagree_is_listed_once_more(world: World) -> None:
    """What a listing that ran behind the statistics lacked comes with the next pull; then nothing is asked again."""
    world.bring({NAME: "Form", "form/f1/a/display_name": "A"})
    world.push()
    world.translate({NAME: "Formulaire", "form/f1/a/display_name": "Un"})
    inner = sandbox_transport(world.sandbox)

    def behind(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/resource_translations":
            return None
        body = json.loads(inner.handler(request).read())  # type: ignore[union-attr]
        for item in body["data"]:
            item["attributes"]["strings"] = None
        return httpx.Response(200, content=json.dumps(body))

    world.intercept = behind
    report = world.pull()
    assert report.outcome["items"][0]["counts_differ"]
    assert world.text(NAME) is None
    world.intercept = lambda _request: None
    assert listings(world) == 1
    assert world.text(NAME) == "Formulaire"
    assert listings(world) == 0


def listings(world: World) -> int:
    """Pull, and return how many listings of translations that took."""
    world.requests.clear()
    world.pull()
    return sum(request.url.path == "/resource_translations" for request in world.requests)


FACT = Statistics("f", "fr", total=2, translated=1, reviewed=0, last_update=NOW - SETTLING)
UNSURE = Statistics("f", "fr", total=2, translated=1, reviewed=0)


@pytest.mark.parametrize("listed", [Listed(3, 1, 0), Listed(2, 2, 0), Listed(2, 1, 1)])
def test_counts_that_disagree_are_believed_the_second_time(listed: Listed) -> None:
    """Once is a lag, twice the same is how Transifex counts; other numbers since then are a lag again."""
    assert date_to_remember(FACT, listed, None, NOW) is None
    assert date_to_remember(FACT, listed, FACT, NOW) is None
    assert date_to_remember(FACT, listed, UNSURE, NOW) == FACT.last_update
    other = Statistics("f", "fr", total=2, translated=0, reviewed=0)
    assert date_to_remember(FACT, listed, other, NOW) is None


def test_counts_that_agree_are_believed_at_once() -> None:
    """A pair is remembered as soon as its date has settled."""
    assert date_to_remember(FACT, Listed(2, 1, 0), None, NOW) == FACT.last_update
    assert date_to_remember(FACT, Listed(2, 1, 0), None, NOW - timedelta(seconds=1)) is None
