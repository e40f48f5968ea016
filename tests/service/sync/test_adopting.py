"""A project that others filled before us, against a Transifex of our own."""

from __future__ import annotations

import json

from service.catalog.models import State
from service.sync.models import RunState
from tests.support.syncing import BOT, World
from transifex_client.wire import httpx

NAME = "form/consent/name"
AGE = "form/consent/age/display_name"
SEX = "form/consent/sex/display_name"
NEW = "form/consent/new/display_name"
OLD = "form/consent/old/display_name"
THEIRS = {NAME: "Consent", AGE: "Age", SEX: "Sex", OLD: "Old"}
OURS = {NAME: "Consent", AGE: "Age in years", SEX: "Sex", NEW: "New"}


def stand_before_us(world: World, sources: dict[str, str] = THEIRS) -> None:
    """Fill the project, with our own push, then forget all of it: the next push meets what others left."""
    world.bring(sources)
    world.push()
    world.translate({NAME: "Consentement", AGE: "Âge", SEX: "Sexe"}, by="amina")
    theirs = world.theirs(NAME)
    assert theirs is not None
    theirs.reviewed = True
    world.forget()


def test_the_first_push_keeps_what_it_drops_there(world: World) -> None:
    """A translation of another source text comes in as stale, with its author, before ours replaces the source."""
    stand_before_us(world)
    world.bring(OURS)
    report = world.push(allow_removals=True)
    assert report.state is RunState.DONE
    assert world.source_there(AGE) == "Age in years"
    assert world.theirs(AGE) is None
    assert (world.text(AGE), world.state(AGE), world.author(AGE)) == ("Âge", State.STALE, "amina")
    assert "“Age” was “Âge”" in (world.string_there(AGE).instructions or "")  # type: ignore[union-attr]
    world.pull()
    assert (world.text(AGE), world.state(AGE)) == ("Âge", State.STALE)


def test_the_report_says_how_both_sides_compare(world: World) -> None:
    """Matched by string key: the same, another source, only here, only there."""
    stand_before_us(world)
    world.bring(OURS)
    (item,) = world.push(allow_removals=True).outcome["items"]
    compared = item["adopted"]
    names = ("matched", "source_differs", "only_here", "only_there", "rescued")
    assert [compared[name] for name in names] == [2, 1, 1, 1, 1]
    assert (compared["source_differs_keys"], compared["only_here_keys"], item["removed"]) == ([AGE], [NEW], [OLD])
    assert "'consent' stood on Transifex before: 2 strings are the same" in item["message"]


def test_what_is_the_same_there_is_left_alone_and_pulled(world: World) -> None:
    """Translations of equal sources stay there with their reviewed mark, and come down with the next pull."""
    stand_before_us(world)
    world.bring(OURS)
    world.push(allow_removals=True)
    theirs = world.theirs(NAME)
    assert theirs is not None
    assert (theirs.strings, theirs.reviewed) == ({"other": "Consentement"}, True)
    world.pull()
    assert (world.text(NAME), world.state(NAME), world.author(NAME)) == ("Consentement", State.TRANSLATED, "amina")


def test_a_project_that_is_the_same_costs_no_listing_of_translations(world: World) -> None:
    """Only where a source text differs are translations asked for."""
    stand_before_us(world)
    world.bring(THEIRS)
    world.requests.clear()
    (item,) = world.push().outcome["items"]
    assert item["adopted"]["source_differs"] == 0
    assert not [request for request in world.requests if request.url.path == "/resource_translations"]


def test_nothing_is_replaced_before_what_it_drops_is_in(world: World) -> None:
    """When the translations cannot be read the resource is not uploaded, and the next push makes it good."""
    stand_before_us(world)
    world.bring(OURS)

    def refuse(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/resource_translations":
            error = {"status": "403", "code": "permission_denied", "title": "no", "detail": "no"}
            return httpx.Response(403, content=json.dumps({"errors": [error]}))
        return None

    world.intercept = refuse
    assert world.push(allow_removals=True).outcome["counts"]["failed"] == 1
    assert (world.source_there(AGE), world.text(AGE)) == ("Age", None)
    assert world.theirs(AGE) is not None
    world.intercept = lambda _request: None
    world.push(allow_removals=True)
    assert (world.text(AGE), world.state(AGE)) == ("Âge", State.STALE)


def test_the_services_own_texts_are_nobodys(world: World) -> None:
    """What our own user wrote there comes in without an author."""
    world.bring(THEIRS)
    world.push()
    world.translate({AGE: "Âge"}, by=BOT)
    world.forget()
    world.bring(OURS)
    world.push(allow_removals=True)
    assert (world.text(AGE), world.author(AGE)) == ("Âge", None)


def test_a_text_of_ours_is_not_lost_to_an_older_one_there(world: World) -> None:
    """Where both sides hold a text the two are told apart in a conflict, and ours stays."""
    world.bring(THEIRS)
    world.push()
    world.translate({AGE: "Âge"})
    world.pull()
    world.correct(AGE, "Âge en années")
    world.forget()
    world.bring(OURS)
    world.push(allow_removals=True)
    assert world.text(AGE) == "Âge en années"
    assert [conflict.their_text for conflict in world.conflicts()] == ["Âge"]


def test_a_resource_with_a_name_of_its_own_is_found_by_its_strings(world: World) -> None:
    """What others named in their way is taken over, not made a second time, and stays ours from then on."""
    stand_before_us(world)
    world.bring({**THEIRS, "form/other/name": "Other"})
    rename(world, "consent", "forms-consent-yml")
    report = world.push()
    assert {item["resource"]: item["result"] for item in report.outcome["items"]} == {
        "forms-consent-yml": "updated",
        "other": "created",
    }
    world.pull()
    assert (world.text(NAME), world.author(NAME)) == ("Consentement", "amina")
    assert world.push().requests == 1


def rename(world: World, old: str, new: str) -> None:
    """Make the resource look as if somebody else had made it, under another slug."""
    resources = world.sandbox.state.resources
    resource = resources.pop(f"{world.project}:r:{old}")
    resource.slug = new
    resources[resource.id] = resource
