"""Giving a bundle to an instance and taking it back, against the sandbox of Primero."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from extractors.units import Unit
from service.audit.models import AuditEntry
from service.errors import BadInput, NotFound, Refused, RemoteUnreachable
from service.primero.models import InstanceRun, InstanceRunState, WriteState
from service.primero.plan import Plan
from service.primero.sandbox.faults import Fault, FaultKind
from service.primero.sandbox.http import Request, Response
from service.primero.service.applying import ApplyOptions, plan_apply
from service.primero.service.rolling_back import roll_back
from service.primero.service.saved import find_applied, saved_state
from tests.support.applying import ACTOR, EVERYTHING, World
from tests.support.primero import (
    Witness,
    ask,
    form_number,
    in_french,
    lookup_number,
    make_bundle,
    read_catalog,
)


def test_a_second_apply_writes_nothing(world: World) -> None:
    """What is there is not sent again."""
    world.apply()
    world.sandbox.requests.clear()
    assert world.apply().records == ()
    assert {method for method, _ in world.sandbox.requests} == {"GET"}


def test_a_dry_run_shows_the_exact_requests(world: World) -> None:
    """What it shows is what is then sent, and nothing is sent before."""
    plan = plan_apply(world.resources, world.instance, world.bundle, EVERYTHING)
    assert {method for method, _ in world.sandbox.requests} == {"GET"}
    sent: list[tuple[str, Any]] = []
    handle = world.sandbox.handle

    def listen(request: Request) -> Response:
        if request.method == "PATCH":
            sent.append((request.path, json.loads(request.body)["data"]))
        return handle(request)

    world.sandbox.handle = listen  # type: ignore[method-assign]
    world.apply()
    assert sent == [(f"/api/v2/{one.kind.value}s/{one.number}", one.body) for one in plan.records]


def test_what_is_touched_is_saved_before_anything_is_sent(world: World) -> None:
    """At the first change the database already holds all of it, readable as answers of the API."""
    before = {one["unique_id"]: one for one in ask(world.sandbox, "GET", "/api/v2/forms").json()["data"]}
    seen: list[int] = []
    handle = world.sandbox.handle

    def listen(request: Request) -> Response:
        if request.method == "PATCH" and not seen:
            with world.resources.database.read() as session:
                count, data = saved_state(session, session.exec(select(InstanceRun)).one())
            saved = {one["unique_id"]: one for one in json.loads(data)["data"]}
            assert saved["nl_consent"]["name"] == {"en": before["nl_consent"]["name"]["en"]} | {
                locale: text for locale, text in before["nl_consent"]["name"].items() if text
            }
            seen.append(count)
        return handle(request)

    world.sandbox.handle = listen  # type: ignore[method-assign]
    assert len(world.apply().records) == seen[0]


def test_both_ways_are_in_the_audit(world: World) -> None:
    """Who gave what to which instance, how it ended, and the same for the way back; no text stands there."""
    report = world.apply()
    world.rollback(report.run_id)
    with world.resources.database.read() as session:
        entries = session.exec(select(AuditEntry)).all()
    assert [entry.action for entry in entries] == [
        "bundle.apply", "bundle.apply-end", "bundle.rollback", "bundle.rollback-end",
    ]  # fmt: skip
    assert entries[0].detail["sha256"] == world.bundle.sha256
    assert "FR " not in str([entry.detail for entry in entries])


# Refused before anything is written


def _no_write(world: World) -> bool:
    return {method for method, _ in world.sandbox.requests} <= {"GET"}


def test_a_preview_goes_to_training_alone(world: World) -> None:
    """Nobody approved it; an instance marked as training takes it."""
    preview = make_bundle(read_catalog(world.sandbox), in_french, preview=True)
    with pytest.raises(Refused, match="preview"):
        world.apply(preview)
    assert _no_write(world)
    world.instance.training = True
    assert world.apply(preview).is_whole


def test_a_language_that_is_not_enabled_is_refused(make_world: Callable[..., World]) -> None:
    """Primero would store its texts and show them to nobody."""
    world = make_world(locales=("en", "ar"))
    with pytest.raises(Refused, match="fr is not enabled"):
        world.apply()
    assert _no_write(world)


@pytest.mark.parametrize(
    ("account", "words"),
    [({"locale": "fr"}, "language is fr"), ({"restricted": True}, "manage"), ({"sees_users": False}, "trust-account")],
)
def test_the_account_is_looked_at_first(account: dict[str, Any], words: str, make_world: Callable[..., World]) -> None:
    """An account in another language, with a restricted role, or that nobody can judge writes nothing."""
    world = make_world(**account)
    with pytest.raises(Refused, match=words):
        world.apply()
    assert _no_write(world)


def test_somebody_can_vouch_for_an_account_that_cannot_be_looked_at(make_world: Callable[..., World]) -> None:
    """And if they are wrong, the first text that Primero drops stops the run."""
    options = ApplyOptions(partial_options=True, trust_account=True)
    assert make_world(sees_users=False).apply(options=options).is_whole
    world = make_world(sees_users=False, restricted=True)
    report = world.apply(options=options)
    assert report.state is InstanceRunState.STOPPED
    assert "tick_box_label" in report.message or "tally" in report.message


# Somebody else is there too


def test_a_form_that_somebody_changed_meanwhile_is_left_and_said(world: World) -> None:
    """Between reading and writing a colleague renames a field: that form is not written, the others are."""
    number = form_number(world.sandbox, "nl_consent")
    colleague = {"data": {"name": {"en": "Agreement"}}}
    handle, done = world.sandbox.handle, []

    def meddle(request: Request) -> Response:
        if request.method == "PATCH" and not done:
            done.append(True)
            ask(world.sandbox, "PATCH", f"/api/v2/forms/{number}", colleague)
        return handle(request)

    world.sandbox.handle = meddle  # type: ignore[method-assign]
    report = world.apply()
    (left,) = [record for record in report.records if record["state"] != "written"]
    assert (left["record"], left["state"]) == ("form/nl_consent", "changed-there")
    assert "Agreement" in left["differences"][0]
    assert not report.is_whole
    shown = ask(world.sandbox, "GET", f"/api/v2/forms/{number}").json()["data"]
    assert (shown["name"]["en"], shown["name"]["fr"]) == ("Agreement", "")


def test_a_form_that_is_gone_meanwhile_is_said(world: World) -> None:
    """A record that nobody finds any more is not written."""
    number = lookup_number(world.sandbox, "lookup-nl-visit-place")
    handle = world.sandbox.handle

    def remove(request: Request) -> Response:
        if request.method == "PATCH":
            world.sandbox.store.lookups.pop(number, None)
        return handle(request)

    world.sandbox.handle = remove  # type: ignore[method-assign]
    report = world.apply()
    states = {record["record"]: record["state"] for record in report.records}
    assert states["lookup/lookup-nl-visit-place"] == "changed-there"


def test_what_changes_beside_the_run_is_noted(world: World) -> None:
    """A record that is not touched, and one that was written before, are looked at once more at the end."""
    texts = {key: given for key, given in world.bundle.texts.items() if not key.startswith("lookup/")}
    bundle = replace(world.bundle, texts=texts)
    lookup = lookup_number(world.sandbox, "lookup-nl-visit-place")
    handle, patches = world.sandbox.handle, []

    def meddle(request: Request) -> Response:
        if request.method == "PATCH":
            patches.append(request.path)
            if len(patches) == 3:
                ask(world.sandbox, "PATCH", f"/api/v2/lookups/{lookup}", {"data": {"name": {"en": "Places"}}})
                ask(world.sandbox, "PATCH", patches[0], {"data": {"name": {"en": "Other"}}})
        return handle(request)

    world.sandbox.handle = meddle  # type: ignore[method-assign]
    report = world.apply(bundle)
    assert report.is_whole
    assert sorted("after it was written" in note for note in report.notes) == [False, True]
    assert any(note.startswith("lookup/lookup-nl-visit-place changed") for note in report.notes)


# Trouble


def test_the_first_unexplained_difference_stops_the_run(world: World) -> None:
    """When Primero does something else than it was told, nothing further is sent, and the place is named."""
    handle, patches = world.sandbox.handle, []

    def damage(request: Request) -> Response:
        response = handle(request)
        if request.method == "PATCH":
            patches.append(request.path)
            if len(patches) == 2:
                number = int(request.path.rpartition("/")[2])
                world.sandbox.store.forms[number]["fields_attributes"][0]["visible"] = False
        return response

    world.sandbox.handle = damage  # type: ignore[method-assign]
    report = world.apply()
    assert (report.state, len(patches)) == (InstanceRunState.STOPPED, 2)
    assert "visible" in report.message
    assert report.counts["planned"] == len(report.records) - 2
    world.sandbox.handle = handle  # type: ignore[method-assign]
    undone = world.rollback(report.run_id)
    assert undone.counts == {"written": 2}


def test_a_refusal_is_said_and_the_others_go_on(world: World) -> None:
    """A 422 that changed nothing leaves the record as it was."""
    number = form_number(world.sandbox, "nl_consent")
    handle = world.sandbox.handle

    def refuse(request: Request) -> Response:
        if request.method == "PATCH" and request.path.endswith(f"forms/{number}"):
            return Response(422, (), b'{"errors": [{"status": 422, "message": ["a rule of its own"]}]}')
        return handle(request)

    world.sandbox.handle = refuse  # type: ignore[method-assign]
    report = world.apply()
    (refused,) = [record for record in report.records if record["state"] == "refused"]
    assert (refused["record"], refused["differences"]) == ("form/nl_consent", ["a rule of its own"])
    assert report.counts["written"] == len(report.records) - 1


@pytest.mark.parametrize("kind", [FaultKind.FAILED, FaultKind.GATEWAY, FaultKind.CUT, FaultKind.BUSY])
@pytest.mark.parametrize("carried_out", [True, False])
def test_a_lost_answer_is_looked_up(
    kind: FaultKind, carried_out: bool, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the change was made or not, it stands there once and the run goes on."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    witness = Witness(world.sandbox)
    world.sandbox.faults.append(Fault(kind, times=2, method="PATCH", carried_out=carried_out, seconds=0))
    report = world.apply()
    assert report.is_whole
    assert witness.changed_texts() == world.expected(report)


def test_a_primero_that_goes_away_is_gone_on_with_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run waits where it is; the same command ends it, and sends nothing twice."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    witness = Witness(world.sandbox)
    handle, patches = world.sandbox.handle, []

    def go_away(request: Request) -> Response:
        if request.method == "PATCH":
            patches.append(request.path)
        return Response(502) if len(patches) > 5 else handle(request)

    world.sandbox.handle = go_away  # type: ignore[method-assign]
    with pytest.raises(RemoteUnreachable):
        world.apply()
    world.sandbox.handle = handle  # type: ignore[method-assign]
    with pytest.raises(Refused, match="apply that bundle again"):
        world.apply(make_bundle(read_catalog(world.sandbox), in_french, sha256="c" * 64))
    world.sandbox.requests.clear()
    report = world.apply()
    assert (report.resumed, report.is_whole) == (True, True)
    sent = [path for method, path in world.sandbox.requests if method == "PATCH"]
    assert len(sent) == len(set(sent)) == len(report.records) - 5
    assert witness.changed_texts() == world.expected(report)


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_killed_at_any_request_comes_to_the_same_end(when: str, make_world: Callable[..., World]) -> None:
    """Killed before or after each single request, then resumed; then the same on the way back."""
    configuration = {"FormSection": _two_forms(), "Lookup": []}
    total = len(_requests(make_world(configuration), lambda world: world.apply()))
    for fatal in range(1, total + 1):
        world = make_world(configuration)
        witness = Witness(world.sandbox)
        with _killing(world, fatal, when), pytest.raises(Killed):
            world.apply()
        report = world.apply()
        assert report.is_whole
        assert witness.changed_texts() == world.expected(report)
        with _killing(world, fatal, when), pytest.raises(Killed):
            world.rollback(report.run_id)
        assert world.rollback(report.run_id).is_whole
        assert (witness.changed_texts(), witness.changed_structure()) == ({}, [])


def test_a_killed_apply_can_be_taken_back_at_once(make_world: Callable[..., World]) -> None:
    """Whatever it had written goes, and the run counts as given up."""
    for fatal in range(7, 13):
        world = make_world({"FormSection": _two_forms(), "Lookup": []})
        witness = Witness(world.sandbox)
        with _killing(world, fatal, "after"), pytest.raises(Killed):
            world.apply()
        with world.resources.database.read() as session:
            run = session.exec(select(InstanceRun).where(InstanceRun.instance_id == world.instance.id)).one()
        assert run.id is not None
        if not any(record.state is not WriteState.PLANNED for record in world.records(run.id)):
            with pytest.raises(Refused, match="wrote nothing"):
                world.rollback(run.id)
            continue
        world.rollback(run.id)
        assert (witness.changed_texts(), witness.changed_structure()) == ({}, [])
        with world.resources.database.read() as session:
            assert session.get_one(InstanceRun, run.id).state is InstanceRunState.GIVEN_UP
        assert world.apply().is_whole


def _two_forms() -> list[dict[str, Any]]:
    return [
        {"unique_id": name, "name_i18n": {"en": name}, "fields_attributes": [
            {"name": "a", "type": "text_field", "display_name_i18n": {"en": "A", "ar": "ا"}}
        ]}
        for name in ("one", "two", "three")
    ]  # fmt: skip


def _requests(world: World, act: Callable[[World], object]) -> list[tuple[str, str]]:
    world.sandbox.requests.clear()
    act(world)
    return list(world.sandbox.requests)


class _killing:
    """Ends the process, as far as the code can tell, before or after one request."""

    def __init__(self, world: World, fatal: int, when: str) -> None:
        self._world, self._fatal, self._when = world, fatal, when
        self._handle = world.sandbox.handle

    def __enter__(self) -> None:
        count = 0

        def handle(request: Request) -> Response:
            nonlocal count
            count += 1
            if count == self._fatal and self._when == "before":
                raise Killed
            response = self._handle(request)
            if count == self._fatal:
                raise Killed
            return response

        self._world.sandbox.handle = handle  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        self._world.sandbox.handle = self._handle  # type: ignore[method-assign]


# The way back


def test_a_part_is_taken_back(world: World) -> None:
    """Only what the pattern names goes; the rest of the run's texts stay, and it is said that part is back."""
    witness = Witness(world.sandbox)
    report = world.apply()
    world.rollback(report.run_id, "form/nl_consent/*")
    gone = {key for key in world.expected(report) if "nl_consent" in key}
    kept = {key: text for key, text in world.expected(report).items() if key not in gone}
    assert gone
    assert witness.changed_texts() == kept
    with world.resources.database.read() as session:
        (applied,) = find_applied(session, world.instance)
    assert applied.taken_back_in_part
    assert world.rollback(report.run_id).is_whole
    assert witness.changed_texts() == {}
    with world.resources.database.read() as session:
        assert find_applied(session, world.instance) == []


def test_a_text_that_somebody_changed_since_is_left(world: World) -> None:
    """What a colleague corrected in Primero is not overwritten by the way back, and nor is what they added."""
    report = world.apply()
    number = form_number(world.sandbox, "nl_consent")
    ask(world.sandbox, "PATCH", f"/api/v2/forms/{number}", {"data": {"name": {"fr": "Mieux", "es": "Consentimiento"}}})
    undone = world.rollback(report.run_id)
    assert [row["key"] for row in undone.left_out] == ["form/nl_consent/name"]
    shown = ask(world.sandbox, "GET", f"/api/v2/forms/{number}").json()["data"]
    assert (shown["name"]["fr"], shown["name"]["es"]) == ("Mieux", "Consentimiento")
    assert shown["description"]["fr"] in ("", None)


def test_an_older_translation_comes_back_to_the_letter(make_world: Callable[..., World]) -> None:
    """Spaces at its ends too, although they are no difference elsewhere."""
    form = {"unique_id": "f", "name_i18n": {"en": "F", "fr": " Vieux\r\n"}, "fields_attributes": []}
    world = make_world({"FormSection": [form], "Lookup": []})
    report = world.apply()
    world.rollback(report.run_id)
    assert world.sandbox.store.configuration()["FormSection"][0]["name_i18n"] == {"en": "F", "fr": " Vieux\r\n"}


def test_what_cannot_be_taken_back_is_said(world: World) -> None:
    """No such run, a rollback itself, a pattern that nothing has, a run that wrote nothing."""
    report = world.apply()
    with pytest.raises(NotFound):
        world.rollback(report.run_id + 7)
    with pytest.raises(BadInput, match=r"form/none/\*"):
        world.rollback(report.run_id, "form/none/*")
    empty = world.apply()
    with pytest.raises(Refused, match="wrote nothing"):
        world.rollback(empty.run_id)
    undone = world.rollback(report.run_id)
    with pytest.raises(Refused, match="took something back itself"):
        world.rollback(undone.run_id)


def test_a_rollback_can_be_shown_first(world: World) -> None:
    """A dry run sends nothing and ends no run."""
    report = world.apply()
    world.sandbox.requests.clear()
    plan = roll_back(
        world.resources, world.instance, report.run_id, (), dry_run=True, actor=ACTOR, on_progress=lambda *_: None
    )
    assert isinstance(plan, Plan)
    assert len(plan.records) == len(report.records)
    assert _no_write(world)


def test_where_a_bundle_is_is_known(world: World) -> None:
    """The last bundle of a language counts; the one before it again when it is taken back; a repeat changes nothing."""

    def shorter(unit: Unit) -> str:
        return f"F {unit.source}".strip()

    first = world.apply()
    second = world.apply(make_bundle(read_catalog(world.sandbox), shorter, sha256="c" * 64))
    world.apply(make_bundle(read_catalog(world.sandbox), shorter, sha256="c" * 64))
    with world.resources.database.read() as session:
        assert [one.run for one in find_applied(session, world.instance)] == [second.run_id]
    world.rollback(second.run_id)
    with world.resources.database.read() as session:
        assert [one.run for one in find_applied(session, world.instance)] == [first.run_id]


def test_one_run_at_a_time(world: World) -> None:
    """While one writes, another is told whose it is."""
    handle, errors = world.sandbox.handle, []

    def second(request: Request) -> Response:
        if request.method == "PATCH" and not errors:
            with pytest.raises(Refused, match="wait until it has ended") as caught:
                world.apply()
            errors.append(str(caught.value))
        return handle(request)

    world.sandbox.handle = second  # type: ignore[method-assign]
    assert world.apply().is_whole
    assert "process" in errors[0]
