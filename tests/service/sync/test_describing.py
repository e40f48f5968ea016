"""What a push tells volunteers beside the texts, against a Transifex of our own."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from extractors.units import UnitContext
from service.sync.models import RunState
from tests.support.syncing import World
from transifex_client.sandbox.faults import recreate_project
from transifex_client.wire import httpx

NAME = "form/consent/name"
AGE = "form/consent/age/display_name"
SEX = "lookup/lookup-sex/lookup_values/f"
SOURCES = {NAME: "Consent", AGE: "Age", SEX: "Female"}
CONTEXTS = {
    AGE: UnitContext(record_name="Consent", record_type="case", field_type="numeric_field"),
    SEX: UnitContext(record_name="Sex", used_by=("Consent › Sex",)),
}


def told(world: World, key: str) -> str:
    string = world.string_there(key)
    assert string is not None
    return string.instructions or ""


def patches(world: World) -> int:
    return sum(request.method == "PATCH" for request in world.requests)


def test_volunteers_read_what_a_text_is_for(world: World) -> None:
    """Instructions, tags and a limit stand beside each string after the first push."""
    world.bring(SOURCES, CONTEXTS)
    report = world.push()
    assert report.outcome["described"] == 3
    assert "Strings: 3 told their context." in report.message
    assert "Used by: Consent › Sex" in told(world, SEX)
    string = world.string_there(SEX)
    assert string is not None
    assert (sorted(string.tags), string.character_limit) == (["lookup:lookup-sex", "option"], 80)


def test_only_what_changed_is_told_again(world: World) -> None:
    """Nothing new costs no request; a context that changed costs one listing and one change, and no upload."""
    world.bring(SOURCES, CONTEXTS)
    world.push()
    assert world.push().requests == 1
    world.bring(SOURCES, {**CONTEXTS, AGE: replace(CONTEXTS[AGE], help_text="In years.")})
    world.requests.clear()
    report = world.push()
    assert report.state is RunState.DONE
    assert (report.requests, patches(world), report.outcome["described"]) == (3, 1, 1)
    assert "In years." in told(world, AGE)


def test_a_project_made_anew_is_told_everything_again(world: World) -> None:
    """Whatever stood beside the texts went with the project: the next push sends it, the one after asks nothing."""
    world.bring(SOURCES, CONTEXTS)
    world.push()
    world.clock.move(minutes=1)
    recreate_project(world.sandbox.state, world.project, world.clock())
    assert told(world, SEX) == ""
    assert world.push().outcome["described"] == 3
    assert "Used by: Consent › Sex" in told(world, SEX)
    assert world.push().requests == 1


def test_what_people_wrote_there_stays(world: World) -> None:
    """Tags and instructions of others are kept; a tag of ours that no longer holds goes."""
    world.bring(SOURCES, CONTEXTS)
    world.push()
    name, age = world.string_there(NAME), world.string_there(AGE)
    assert name is not None
    assert age is not None
    age.instructions, age.tags = "Ask Amina.", ["urgent", "sensitive"]
    name.tags = [*name.tags, "urgent"]
    world.bring(SOURCES, {**CONTEXTS, NAME: UnitContext(record_name="Consent", record_type="case")})
    world.push()
    assert told(world, AGE) == "Ask Amina."
    assert sorted(world.string_there(AGE).tags) == ["form:consent", "urgent"]  # type: ignore[union-attr]
    assert sorted(world.string_there(NAME).tags) == ["form:consent", "urgent"]  # type: ignore[union-attr]
    assert "record type case" in told(world, NAME)


def test_a_stale_text_is_shown_to_who_writes_it_anew(world: World) -> None:
    """The push that drops a translation shows old source and old text; once it is written anew they go."""
    world.bring(SOURCES)
    world.push()
    world.translate({AGE: "Âge"})
    world.pull()
    world.bring({**SOURCES, AGE: "Age in years"})
    world.push()
    assert "Before (fr): “Age” was “Âge”" in told(world, AGE)
    world.translate({AGE: "Âge en années"})
    world.pull()
    world.push()
    assert "Before" not in told(world, AGE)


def test_limits_can_be_left_off(world: World) -> None:
    """Without limits none is set."""
    world.bring(SOURCES)
    world.push(limits=False)
    assert world.string_there(SEX).character_limit is None  # type: ignore[union-attr]


@pytest.mark.parametrize("status", [402, 403])
def test_a_plan_without_context_is_asked_once_a_push(world: World, status: int) -> None:
    """Refused for one resource it is refused for all: that is said once, and the next push tries again."""
    world.bring(SOURCES, CONTEXTS)
    resources = len({world.place(key) for key in SOURCES})
    assert resources > 1

    def refuse(request: httpx.Request) -> httpx.Response | None:
        if request.method == "PATCH" and request.url.path == "/resource_strings":
            error = {"status": str(status), "code": "no", "title": "no", "detail": "Not in your plan."}
            return httpx.Response(status, content=json.dumps({"errors": [error]}))
        return None

    world.intercept = refuse
    world.requests.clear()
    report = world.push()
    assert [request.method for request in world.requests].count("PATCH") == 1
    assert report.message.count("could not be told") == 1
    assert report.state is RunState.DONE
    world.intercept = lambda _request: None
    assert world.push().outcome["described"] == len(SOURCES)


def test_what_cannot_be_told_stops_no_push_and_is_told_next_time(world: World) -> None:
    """The texts are there, the run says what is missing, and the next push makes it good."""
    world.bring(SOURCES, CONTEXTS)

    def refuse(request: httpx.Request) -> httpx.Response | None:
        if request.method == "PATCH" and b"lookup-sex" in request.content:
            error = {"status": "400", "code": "invalid", "title": "no", "detail": "no"}
            return httpx.Response(400, content=json.dumps({"errors": [error]}))
        return None

    world.intercept = refuse
    report = world.push()
    assert report.state is RunState.DONE
    assert "context of 'Lookups' could not be told" in report.message
    assert world.source_there(SEX) == "Female"
    world.intercept = lambda _request: None
    report = world.push()
    assert report.outcome["described"] == 1
    assert told(world, SEX)
