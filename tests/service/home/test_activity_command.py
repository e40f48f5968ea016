"""Who did how much on Transifex, on the command line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import SecretStr

from service.errors import NotPermitted, Refused
from service.home.commands.sync import mount
from service.web.resources import Resources
from tests.support.commands import Say, make_say
from tests.support.people import UserMaker
from tests.support.syncing import BOT, World
from transifex_client.sandbox.transport import sandbox_transport

AGE, NAME = "form/f/age/display_name", "form/f/name"


@pytest.fixture
def world(resources: Resources) -> World:
    """Amina and Omar translated something into French, Omar into Arabic too."""
    made = World(resources.database, resources.clock, locales={"fr": "fr", "ar-IQ": "ar"})  # type: ignore[arg-type]
    made.bring({AGE: "Age in years", NAME: "Form"})
    made.push()
    made.translate({AGE: "Âge en années"}, by="amina")
    made.translate({NAME: "Formulaire"}, by="omar")
    made.translate({NAME: "استمارة"}, language="ar", by="omar")
    return made


@pytest.fixture
def say(resources: Resources, make_user: UserMaker, world: World) -> Say:
    """Run a command of which Transifex is the world's sandbox."""
    settings = resources.settings.model_copy(update={"transifex_token": SecretStr("bot-token"), "transifex_user": BOT})
    over = replace(resources, settings=settings, transifex_transport=sandbox_transport(world.sandbox))
    return make_say(over, make_user, world.deployment().id, mount)


def test_each_language_tells_who_did_how_much(say: Say) -> None:
    """Words of the source, by our locale, those who did most first; nobody is counted under another's name."""
    told = say("sync", "activity", "test", role="specialist")
    rows = [(row["locale"], row["username"], row["translated"], row["reviewed"]) for row in told["activity"]]
    assert rows == [("ar-IQ", "omar", 1, 0), ("fr", "amina", 3, 0), ("fr", "omar", 1, 0)]
    assert not any(row["ours"] for row in told["activity"])
    lines = say("sync", "activity", "test", plain=True).splitlines()
    assert lines[0] == "words of the source, in the last 30 days:"
    assert lines[3].split() == ["fr", "amina", "3", "0", "0", "0"]


def test_what_this_service_wrote_is_marked(world: World, say: Say) -> None:
    """A text that was corrected here is no volunteer's work."""
    world.pull()
    world.correct(AGE, "Âge (années)")
    world.push()
    assert "bridge-bot (this service)" in say("sync", "activity", "test", plain=True)


def test_older_work_does_not_count(world: World, say: Say) -> None:
    """A span that begins after the work tells of nobody, in a sentence."""
    world.clock.move(minutes=3 * 24 * 60)
    assert say("sync", "activity", "test", "--days", "3")["activity"] == []
    assert len(say("sync", "activity", "test", "--days", "4")["activity"]) == 3
    assert "Nobody translated" in say("sync", "activity", "test", "--days", "1", plain=True)


@pytest.mark.parametrize("status", [402, 403])
def test_a_plan_without_reports_is_said_in_a_sentence(world: World, say: Say, status: int) -> None:
    """What the organization has not paid for is no error of anybody here."""
    world.sandbox.settings.withheld["project_activity_reports_async_downloads"] = status  # type: ignore[assignment]
    with pytest.raises(Refused, match="plan has no activity reports"):
        say("sync", "activity", "test")


def test_who_may_not_exchange_texts_does_not_see_it(say: Say) -> None:
    """Names of volunteers are for those who work with them."""
    with pytest.raises(NotPermitted):
        say("sync", "activity", "test", role="reviewer")
