"""What a push and a pull do when something fails on the way."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from service.catalog.models import State
from service.errors import NotFound, Refused, RemoteUnreachable
from service.sync.models import PulledPair, RunState
from tests.support.syncing import SYNC, Intercept, World
from transifex_client.wire import httpx

FORMS = {f"form/f{number}/name": f"Form {number}" for number in range(4)}


class Killed(BaseException):
    """The process dies here."""


def failing(*marks: str, status: int = 400) -> Intercept:
    """Answer requests whose address or body holds every mark with an error."""

    def intercept(request: httpx.Request) -> httpx.Response | None:
        seen = str(request.url) + request.read().decode("utf-8", "replace")
        if not all(mark in seen for mark in marks):
            return None
        body = {"errors": [{"status": str(status), "code": "x", "title": "X", "detail": "It does not like this."}]}
        return httpx.Response(status, json=body)

    return intercept


def killing(method: str, mark: str) -> Intercept:
    """Die when a request of this method whose address holds the mark is about to be sent."""

    def intercept(request: httpx.Request) -> httpx.Response | None:
        if request.method == method and mark in request.url.path:
            raise Killed
        return None

    return intercept


def test_a_resource_that_fails_in_the_middle_does_not_stop_the_others(world: World) -> None:
    """The others are pushed and recorded, the run is "partly", and the next push sends the one that is missing."""
    world.bring(FORMS)
    world.intercept = failing("async_uploads", "Form 1")
    report = world.push()
    assert report.state is RunState.PARTLY
    results = {item["resource"]: item["result"] for item in report.outcome["items"]}
    assert results == {"f0": "created", "f1": "failed", "f2": "created", "f3": "created"}
    assert "It does not like this" in report.message
    world.intercept = lambda _request: None
    report = world.push()
    assert report.state is RunState.DONE
    assert [item["resource"] for item in report.outcome["items"]] == ["f1"]
    assert world.source_there("form/f1/name") == "Form 1"


def test_a_pair_that_fails_does_not_stop_the_others_and_is_pulled_again(world: World) -> None:
    """The other pairs' texts arrive; the failed one arrives with the next pull although nothing moved since."""
    world.bring(FORMS)
    world.push()
    world.translate({key: f"{text} fr" for key, text in FORMS.items()})
    world.intercept = failing("resource_translations", "f1")
    report = world.pull()
    assert report.state is RunState.PARTLY
    assert [world.text(key) for key in FORMS] == ["Form 0 fr", None, "Form 2 fr", "Form 3 fr"]
    world.intercept = lambda _request: None
    report = world.pull()
    # The statistics, the one listing, the look for questions.
    assert (report.state, report.requests) == (RunState.DONE, 3)
    assert world.text("form/f1/name") == "Form 1 fr"


def test_when_all_fail_the_run_failed(world: World) -> None:
    """Nothing done and something failed is a failed run."""
    world.bring(FORMS)
    world.intercept = failing("async_uploads")
    assert world.push().state is RunState.FAILED


@pytest.mark.parametrize(("status", "error"), [(401, Refused), (403, Refused), (503, RemoteUnreachable)])
def test_trouble_at_the_start_fails_the_run_in_our_words(world: World, status: int, error: type[Exception]) -> None:
    """When Transifex refuses or fails as a whole the caller gets one sentence, and the run is recorded with it."""
    world.bring(FORMS)
    world.intercept = failing("/projects/", status=status)
    with pytest.raises(error, match="It does not like this") as caught:
        world.push()
    (run,) = world.runs()
    assert (run.state, run.message) == (RunState.FAILED, str(caught.value))
    assert run.ended_at is not None


@pytest.mark.parametrize("status", [401, 500])
def test_a_transifex_that_fails_on_and_on_is_left_in_peace(world: World, status: int) -> None:
    """A withdrawn token ends a run at once, failures one after the other soon; the rest is reported as not tried."""
    world.bring({f"form/f{number}/name": f"Form {number}" for number in range(10)})
    world.push()
    world.translate({f"form/f{number}/name": "x" for number in range(10)})
    world.intercept = failing("resource_translations", status=status)
    world.requests.clear()
    report = world.pull(workers=1)
    assert report.state is RunState.FAILED
    tried = 1 if status == 401 else 3
    assert report.outcome["counts"] == {"pulled": 0, "failed": tried, "skipped": 10 - tried, "unmoved": 0}


def test_killed_between_upload_and_record_the_next_push_repairs(world: World) -> None:
    """What was uploaded and not recorded is uploaded again, and recorded, though it is the same content."""
    world.bring(FORMS)
    world.push()
    changed = {**FORMS, "form/f1/name": "Form one"}
    world.bring(changed)
    world.intercept = killing("GET", "/resources/o:sandbox:p:project:r:f1")
    with pytest.raises(Killed):
        world.push()
    assert world.source_there("form/f1/name") == "Form one"
    assert world.unit("form/f1/name").pushed_source_hash != world.unit("form/f1/name").source_hash
    world.intercept = lambda _request: None
    report = world.push()
    assert [item["resource"] for item in report.outcome["items"]] == ["f1"]
    assert world.unit("form/f1/name").pushed_source_hash == world.unit("form/f1/name").source_hash


def test_killed_after_an_upload_that_was_then_taken_back_loses_nothing(world: World) -> None:
    """Source changed, pushed, killed, changed back: the blank left behind erases no text, and the push is repaired."""
    world.bring(FORMS)
    world.push()
    world.translate({"form/f1/name": "Un"})
    world.pull()
    world.bring({**FORMS, "form/f1/name": "Form one"})
    world.intercept = killing("GET", "/resources/o:sandbox:p:project:r:f1")
    with pytest.raises(Killed):
        world.push()
    world.intercept = lambda _request: None
    world.bring(FORMS)
    world.pull()
    assert world.text("form/f1/name") == "Un"
    world.push()
    assert world.source_there("form/f1/name") == "Form 1"
    world.pull()
    assert world.text("form/f1/name") == "Un"


def test_killed_between_making_and_filling_a_resource_the_next_push_fills_it(world: World) -> None:
    """An empty resource of ours is filled."""
    world.bring(FORMS)
    world.intercept = killing("POST", "/resource_strings_async_uploads")
    with pytest.raises(Killed):
        world.push()
    world.intercept = lambda _request: None
    assert world.push().state is RunState.DONE
    assert [world.source_there(key) for key in FORMS] == list(FORMS.values())


def test_a_resource_deleted_there_is_made_anew_and_its_blanks_erase_nothing(world: World) -> None:
    """Approvals survive a re-creation on Transifex: the texts that it lost stay here, as they stood."""
    world.bring(FORMS)
    world.push()
    world.translate({"form/f1/name": "Un"})
    world.pull()
    world.approve("form/f1/name")
    del world.sandbox.state.resources[world.place("form/f1/name")]
    report = world.push()
    assert [item["result"] for item in report.outcome["items"]] == ["created"]
    world.pull()
    assert (world.text("form/f1/name"), world.state("form/f1/name")) == ("Un", State.APPROVED)


def test_a_resource_made_anew_behind_our_back_erases_nothing(world: World) -> None:
    """Strings that are younger than our last pull were not emptied by a person."""
    world.bring(FORMS)
    world.push()
    world.translate({"form/f1/name": "Un"})
    world.pull()
    resource = world.sandbox.resource(world.place("form/f1/name"))
    world.clock.move(minutes=1)
    for string in resource.strings.values():
        string.translations.clear()
        string.created_at = world.clock()
    resource.touch("fr", world.clock(), translation=True)
    world.pull()
    assert world.text("form/f1/name") == "Un"


def test_a_person_who_empties_a_text_empties_ours(world: World) -> None:
    """A text taken away in the editor, on the current source, is taken away here and listed."""
    world.bring(FORMS)
    world.push()
    world.translate({"form/f1/name": "Un"})
    world.pull()
    world.translate({"form/f1/name": None})
    report = world.pull()
    assert world.text("form/f1/name") is None
    assert {"key": "form/f1/name", "outcome": "emptied"} in report.outcome["items"][0]["listed"]


def test_a_push_that_would_delete_much_is_stopped_until_it_is_allowed(world: World) -> None:
    """More than a tenth of a resource's strings is not deleted by accident; the other resources go on."""
    fields = {f"form/big/q{number}/display_name": f"Question {number}" for number in range(10)}
    world.bring({**fields, "form/other/name": "Other"})
    world.push()
    few = dict(list(fields.items())[:8])
    world.bring({**few, "form/other/name": "Another"})
    report = world.push()
    assert report.state is RunState.PARTLY
    refused = next(item for item in report.outcome["items"] if item["result"] == "refused")
    assert "2 of 10" in refused["message"]
    assert refused["removed"] == list(fields)[8:]
    assert world.source_there("form/other/name") == "Another"
    assert world.source_there(list(fields)[9]) == "Question 9"
    assert world.push(allow_removals=True).state is RunState.DONE
    assert world.source_there(list(fields)[9]) is None


def test_one_in_ten_may_be_deleted(world: World) -> None:
    """Exactly a tenth is within the limit."""
    fields = {f"form/big/q{number}/display_name": f"Question {number}" for number in range(10)}
    world.bring(fields)
    world.push()
    world.bring(dict(list(fields.items())[:9]))
    assert world.push().state is RunState.DONE


def test_a_resource_of_another_format_is_left_alone(world: World) -> None:
    """A resource with our slug that holds something else is not overwritten."""
    world.bring(FORMS)
    world.push()
    world.sandbox.resource(world.place("form/f1/name")).i18n_format = "PO"
    world.bring({**FORMS, "form/f1/name": "Form one"})
    report = world.push()
    assert report.state is RunState.FAILED
    assert "format PO" in report.message
    assert world.source_there("form/f1/name") == "Form 1"


def test_strings_that_somebody_added_are_counted_and_named(world: World) -> None:
    """A string that no unit has is reported by its key, at push (by number) and at pull (by name)."""
    world.bring(FORMS)
    world.push()
    resource = world.sandbox.resource(world.place("form/f1/name"))
    theirs = next(iter(resource.strings.values()))
    from dataclasses import replace

    stranger = replace(theirs, key="f1.notes", order=9, translations={})
    resource.strings[stranger.hash] = stranger
    world.translate({"form/f1/name": "Un"})
    report = world.pull()
    assert report.outcome["texts"]["unknown"] == 1
    assert next(item for item in report.outcome["items"] if item["unknown"])["unknown_keys"] == ["f1.notes"]
    report = world.push(allow_removals=True)
    assert [item["deleted"] for item in report.outcome["items"]] == [1]


def test_strings_that_got_lost_on_the_way_are_sent_once_more(world: World) -> None:
    """When Transifex counts fewer strings than we sent, the run says so and is not done; the next push repairs it."""
    world.bring(FORMS)

    def intercept(request: httpx.Request) -> httpx.Response | None:
        if request.method == "GET" and request.url.path.endswith(":r:f1"):
            world.sandbox.resource(world.place("form/f1/name")).strings.clear()
        return None

    world.intercept = intercept
    report = world.push()
    assert "Transifex counts 0 strings in 'f1', we sent 1" in report.message
    assert report.state is RunState.PARTLY
    world.intercept = lambda _request: None
    assert world.source_there("form/f1/name") is None
    assert world.push().state is RunState.DONE
    assert world.source_there("form/f1/name") == "Form 1"
    assert world.push().state is RunState.NO_CHANGES


@pytest.mark.parametrize(("lost", "ends"), [(1, ["partly", "done", "no-changes"]), (2, ["partly"] * 3)])
def test_strings_that_transifex_cannot_read_are_not_sent_for_ever(world: World, lost: int, ends: list[str]) -> None:
    """It is believed when it counts the same fewer strings twice, but never that there are none."""
    world.bring({"form/f1/name": "Form 1", "form/f1/a/display_name": "A"})

    def miscount(request: httpx.Request) -> httpx.Response | None:
        if request.method != "GET" or not request.url.path.startswith("/resources"):
            return None
        body = json.loads(world.arrive(request).read())
        for item in body["data"] if isinstance(body["data"], list) else [body["data"]]:
            item["attributes"]["string_count"] -= lost
        return httpx.Response(200, content=json.dumps(body))

    world.intercept = miscount
    assert [world.push().state.value for _ in ends] == ends


def test_languages_that_transifex_does_not_know_are_reported_and_the_rest_goes_on(
    make_world: Callable[..., World],
) -> None:
    """An unknown language is named with what to do; known ones are added."""
    world = make_world(locales={"fr": "fr", "ar-IQ": "ar_IQ", "xx": "xx_XX", "so": None})
    world.bring(FORMS)
    report = world.push()
    assert (report.outcome["languages_added"], report.outcome["languages_unknown"]) == (["ar_IQ", "fr"], ["xx_XX"])
    assert "xx_XX" in report.message
    assert "xx_XX" in world.pull().message


def test_languages_that_cannot_be_added_do_not_stop_the_push(world: World) -> None:
    """A plan that allows no more languages costs the languages, not the source texts."""
    world.bring(FORMS)
    world.intercept = failing("relationships/languages", status=402)
    report = world.push()
    assert report.state is RunState.PARTLY
    assert "plan" in report.message
    assert world.source_there("form/f1/name") == "Form 1"


def test_a_project_in_another_source_language_is_refused(world: World) -> None:
    """English texts do not go into a project that takes them for French."""
    world.bring(FORMS)
    world.sandbox.state.projects[world.project].source_language = "fr"
    with pytest.raises(Refused, match="source language is fr"):
        world.push()


def test_nothing_to_push_and_nothing_pushed_are_refused(world: World) -> None:
    """Before an import there is nothing to push, before a push nothing to pull: both say what comes first."""
    with pytest.raises(Refused, match="import a source first"):
        world.push()
    with pytest.raises(Refused, match="push first"):
        world.pull()


def test_an_unknown_deployment_is_not_found(world: World) -> None:
    """A wrong slug starts no run."""
    world.slug = "nobody"
    with pytest.raises(NotFound):
        world.push()


def test_a_run_that_is_stopped_is_recorded_as_failed(world: World) -> None:
    """Whatever ends a run, it does not stay "running"."""
    world.bring(FORMS)
    world.intercept = killing("GET", "/resources")
    with pytest.raises(Killed):
        world.push()
    (run,) = world.runs()
    assert run.state is RunState.FAILED


def test_progress_is_told_from_nothing_to_all(world: World) -> None:
    """The caller hears of every resource and pair, and of the end."""
    world.bring(FORMS)
    heard: list[tuple[int, int, str]] = []
    world.push(on_progress=lambda done, total, what: heard.append((done, total, what)))
    assert heard == [(0, 4, "Form 0"), (1, 4, "Form 1"), (2, 4, "Form 2"), (3, 4, "Form 3"), (4, 4, "")]
    heard.clear()
    world.translate({key: f"{text} fr" for key, text in FORMS.items()})
    world.pull(on_progress=lambda done, total, what: heard.append((done, total, what)))
    assert heard[0] == (0, 4, "f0 fr")
    assert heard[-1] == (4, 4, "")


def test_no_transaction_is_open_while_transifex_is_asked(world: World) -> None:
    """Others can write between any two requests of a run."""
    world.bring(FORMS)

    def intercept(_request: httpx.Request) -> None:
        with world.database.write() as session:
            world.deployment_in(session).name += "."

    world.intercept = intercept
    world.push()
    world.translate({"form/f1/name": "Un"})
    world.pull(workers=1)
    assert world.text("form/f1/name") == "Un"
    assert world.deployment().name.endswith("....")


def test_pairs_are_remembered_one_row_each(world: World) -> None:
    """Pulling again updates what is remembered of a pair."""
    world.bring({**FORMS, "form/f1/description": "One form"})
    world.push()
    world.translate({"form/f1/name": "Un"})
    world.pull()
    world.translate({"form/f1/description": "Un formulaire"})
    world.pull()
    from sqlmodel import select

    with world.database.read() as session:
        rows = {row.slug: row.translated for row in session.exec(select(PulledPair))}
    assert rows == {"f1": 2}


def test_an_archived_deployment_is_not_synced(world: World) -> None:
    """What is archived stays as it is."""
    from service.deployments.service import archive_deployment

    world.bring(FORMS)
    with world.database.write() as session:
        archive_deployment(session, world.deployment_in(session), actor=SYNC, now=world.clock())
    with pytest.raises(Refused, match="archived"):
        world.push()
