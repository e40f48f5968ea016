"""Telling volunteers what a text is for: instructions, tags and limits beside the strings of a push."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from extractors.units import UnitContext, UnitKey
from service.catalog.models import State, StoredText, Translation, Unit
from service.deployments.client import as_service_error
from service.deployments.service import list_locales
from service.sync.models import PushedResource
from service.sync.plan import LocalResource, PushPlan
from service.sync.rules.context import OPENING, EarlierText, Note, hash_notes, is_own_tag, write_note
from service.sync.rules.formats import find_escaping
from service.sync.service.runs import OpenRun, Patience
from transifex_client import TransifexClient
from transifex_client.client import bulks
from transifex_client.errors import Forbidden, TransifexError
from transifex_client.ids import resource_id
from transifex_client.resources import UNSET, Resource, SourceString, StringChange


@dataclass(slots=True)
class Described:
    """What telling did: how many strings were told anew, by slug the hash of what stands there, what went wrong.

    ``refused``: the plan, or the rights of the token's user, do not allow it; the rest waits for the next push.
    """

    strings: int = 0
    told: dict[str, str] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    refused: bool = False


def look_at(client: TransifexClient, place: str) -> Resource | None:
    """Return a resource that was just filled, None where Transifex does not show it: it is filled all the same."""
    try:
        return client.get_resource(place)
    except TransifexError:
        return None


def write_date(moment: datetime | None) -> str:
    """Return when a resource was made, as it is remembered; "" where Transifex does not say."""
    return "" if moment is None else moment.isoformat()


def find_dates(plan: PushPlan, items: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return, by slug, when Transifex made the resources: as it listed them, and as the push's items tell."""
    listed = {step.resource.slug: write_date(step.remote.made) for step in plan.steps if step.remote is not None}
    return listed | {item["resource"]: item["made"] for item in items if "made" in item}


def describe_strings(
    run: OpenRun,
    *,
    sent: Sequence[LocalResource],
    kept: Sequence[LocalResource],
    told_before: Mapping[str, str],
    made: Mapping[str, str],
    limits: bool,
) -> Described:
    """Tell beside each string what its unit is for, as far as Transifex does not say so already.

    A resource costs nothing while there is nothing new to tell of it, else one listing and one request for each 150
    strings that change. Tags and instructions that people wrote there stay. What goes wrong here is told and left to
    the next push: the texts themselves are there.

    Args:
        run: the push.
        sent: the resources that it uploaded.
        kept: those that needed no upload.
        told_before: by slug, the hash of what the push before this one left there.
        made: by slug, when Transifex made the resource: one that was made anew says nothing any more.
        limits: whether to set character limits.
    """
    with run.database.read() as session:
        notes = _write_notes(session, run, limits)
    described = Described()
    patience = Patience()
    for resource in (*sent, *kept):
        wanted = {run.format.string_key(unit.key): notes[unit.id] for unit in resource.units if unit.id in notes}
        digest = f"{hash_notes(wanted)} {made.get(resource.slug, '')}".rstrip()
        if resource in kept and told_before.get(resource.slug) == digest:
            described.told[resource.slug] = digest
        elif not (patience.exhausted or described.refused):
            _describe_one(run, resource, wanted, digest, described, patience)
    return described


def _describe_one(
    run: OpenRun,
    resource: LocalResource,
    wanted: Mapping[str, Note],
    digest: str,
    described: Described,
    patience: Patience,
) -> None:
    there: tuple[SourceString, ...] = ()
    try:
        there = run.client.list_strings(resource_id(run.project, resource.slug))
        for changes in bulks(plan_changes(wanted, there)):
            run.give_sign()
            run.client.update_strings(changes)
            described.strings += len(changes)
    except Forbidden as error:
        described.refused = True
        described.troubles.append(
            f"The context of the texts could not be told to the volunteers: {as_service_error(error).message}"
        )
    except TransifexError as error:
        patience.note(error)
        described.troubles.append(
            f"The context of {resource.name!r} could not be told to the volunteers: {as_service_error(error).message}"
        )
    else:
        patience.note(None)
        described.told[resource.slug] = digest
    _note_escaping(run, resource, there)


def _note_escaping(run: OpenRun, resource: LocalResource, there: Iterable[SourceString]) -> None:
    """Write down, where it shows, whether Transifex keeps texts as they stand in the file."""
    texts = {string.key: string.strings.get("other") for string in there}
    pairs = ((unit.source, texts.get(run.format.string_key(unit.key))) for unit in resource.units)
    escaped = find_escaping(run.format, pairs)
    if escaped is None:
        return
    query = select(PushedResource).where(
        PushedResource.deployment_id == run.deployment_id, PushedResource.slug == resource.slug
    )
    with run.write() as session:
        for row in session.exec(query):
            row.escaped = escaped
            session.add(row)


def plan_changes(wanted: Mapping[str, Note], there: Iterable[SourceString]) -> list[StringChange]:
    """Return what has to change beside the strings for all of them to say what is wanted, by string key."""
    changes = []
    for string in there:
        note = wanted.get(string.key)
        if note is None or string.context:
            continue
        theirs = string.instructions or ""
        by_hand = bool(theirs.strip()) and not theirs.startswith(OPENING)
        tags = (*(tag for tag in string.tags if not is_own_tag(tag)), *note.tags)
        change = StringChange(
            string.id,
            instructions=UNSET if by_hand or theirs == note.instructions else note.instructions,
            tags=UNSET if set(tags) == set(string.tags) else tags,
            character_limit=UNSET if note.limit in (None, string.character_limit) else note.limit or 0,
        )
        if change.attributes():
            changes.append(change)
    return changes


def _write_notes(session: Session, run: OpenRun, limits: bool) -> dict[int, Note]:
    earlier = _find_earlier(session, run)
    query = select(Unit).where(Unit.deployment_id == run.deployment_id, ~col(Unit.retired))
    return {
        row.id: write_note(
            UnitKey.parse(row.key),
            row.source,
            read_context(row.context),
            sensitive=row.sensitive,
            earlier=earlier.get(row.id, ()),
            limits=limits,
        )
        for row in session.exec(query)
        if row.id is not None
    }


def read_context(stored: Mapping[str, Any]) -> UnitContext:
    """Return a unit's context from its row."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
    return UnitContext(**values)


def _find_earlier(session: Session, run: OpenRun) -> dict[int, list[EarlierText]]:
    locales = [row.locale for row in list_locales(session, run.deployment) if row.transifex_language]
    query = (
        select(Translation.unit_id, Translation.locale, StoredText.text, Translation.text)
        .join(Unit, col(Unit.id) == Translation.unit_id)
        .join(StoredText, col(StoredText.hash) == Translation.written_on)
        .where(Unit.deployment_id == run.deployment_id, Translation.state == State.STALE)
        .where(col(Translation.locale).in_(locales))
        .order_by(Translation.locale)
    )
    found: dict[int, list[EarlierText]] = {}
    for unit_id, locale, source, text in session.exec(query):
        found.setdefault(unit_id, []).append(EarlierText(locale, source, text or ""))
    return found
