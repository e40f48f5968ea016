"""Conflicts on the command line: list them, choose, state a policy."""

from __future__ import annotations

import pytest

from service.errors import Outdated, Refused, ServiceError
from service.home.commands.conflicts import mount
from service.web.resources import Resources
from tests.support.commands import Say, make_say
from tests.support.people import UserMaker
from tests.support.syncing import World

AGE = "form/consent/age/display_name"


@pytest.fixture
def world(resources: Resources) -> World:
    """A deployment with one text that changed on both sides."""
    made = World(resources.database, resources.clock)  # type: ignore[arg-type]
    made.bring({AGE: "Age"})
    made.push()
    made.translate({AGE: "Age fr"})
    made.pull()
    made.correct(AGE, "Âge")
    made.translate({AGE: "Vos années"})
    made.pull()
    return made


@pytest.fixture
def say(resources: Resources, make_user: UserMaker, world: World) -> Say:
    """Run a command as a user of this role, None for the operator; return its JSON, raise what it raises."""
    return make_say(resources, make_user, world.deployment().id, mount)


def test_both_texts_are_shown_and_one_is_chosen(world: World, say: Say) -> None:
    """A reviewer names the text on Transifex as the list shows it."""
    (found,) = say("conflict", "list", "test", "--locale", "fr")["conflicts"]
    assert (found["key"], found["source"], found["ours"], found["theirs"]) == (AGE, "Age", "Âge", "Vos années")
    done = say("conflict", "resolve", "test", "fr", AGE, "--keep", "theirs", "--seen", found["seen"], role="reviewer")
    assert done["text"] == world.text(AGE) == "Vos années"
    assert say("conflict", "list", "test")["conflicts"] == []
    with pytest.raises(Refused, match="no open conflict"):
        say("conflict", "resolve", "test", "fr", AGE, "--keep", "ours", "--seen", found["seen"], role="reviewer")


def test_a_text_that_changed_since_is_not_chosen(world: World, say: Say) -> None:
    """Nobody takes or overwrites a text that was never seen."""
    (found,) = say("conflict", "list", "test")["conflicts"]
    world.translate({AGE: "Vos ans"})
    world.pull()
    for seen in (found["seen"], found["seen"][:3], ""):
        with pytest.raises(Outdated):
            say("conflict", "resolve", "test", "fr", AGE, "--keep", "ours", "--seen", seen, role="reviewer")
    assert len(world.conflicts()) == 1


def test_the_operator_does_not_choose(world: World, say: Say) -> None:
    """Without a reviewer's token nothing is decided."""
    (found,) = say("conflict", "list", "test")["conflicts"]
    with pytest.raises(ServiceError):
        say("conflict", "resolve", "test", "fr", AGE, "--keep", "ours", "--seen", found["seen"])
    assert len(world.conflicts()) == 1


def test_a_policy_is_stated_by_who_manages_the_deployment(world: World, say: Say) -> None:
    """It is shown to all who may look; a reviewer cannot state one."""
    assert say("conflict", "policy", "test") == {"slug": "test", "policy": "ask"}
    assert say("conflict", "policy", "test", "keep-ours", role="specialist")["policy"] == "keep-ours"
    assert say("conflict", "list", "test", role="reviewer")["policy"] == "keep-ours"
    with pytest.raises(ServiceError):
        say("conflict", "policy", "test", "ask", role="reviewer")
    assert world.deployment().conflict_policy.value == "keep-ours"
