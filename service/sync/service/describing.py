"""Telling volunteers what a text is for: instructions, tags and limits beside the strings of a push."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from extractors.units import UnitContext, UnitKey
from service.catalog.models import State, StoredText, Translation, Unit
from service.deployments.client import as_service_error
from service.deployments.service import list_locales
from service.sync.keys import string_key
from service.sync.plan import LocalResource
from service.sync.rules.context import OPENING, EarlierText, Note, hash_notes, is_own_tag, write_note
from service.sync.service.runs import OpenRun, Patience
from transifex_client.client import bulks
from transifex_client.errors import TransifexError
from transifex_client.ids import resource_id
from transifex_client.resources import UNSET, SourceString, StringChange


@dataclass(slots=True)
class Described:
    """What telling did: how many strings were told anew, by slug the hash of what stands there, what went wrong."""

    strings: int = 0
    told: dict[str, str] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)


def describe_strings(
    run: OpenRun,
    *,
    sent: Sequence[LocalResource],
    kept: Sequence[LocalResource],
    told_before: Mapping[str, str],
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
        limits: whether to set character limits.
    """
    with run.database.read() as session:
        notes = _write_notes(session, run, limits)
    described = Described()
    patience = Patience()
    for resource in (*sent, *kept):
        wanted = {string_key(unit.key): notes[unit.id] for unit in resource.units if unit.id in notes}
        digest = hash_notes(wanted)
        if resource in kept and told_before.get(resource.slug) == digest:
            described.told[resource.slug] = digest
        elif not patience.exhausted:
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
    try:
        there = run.client.list_strings(resource_id(run.project, resource.slug))
        for changes in bulks(plan_changes(wanted, there)):
            run.client.update_strings(changes)
            described.strings += len(changes)
    except TransifexError as error:
        patience.note(error)
        described.troubles.append(
            f"The context of {resource.name!r} could not be told to the volunteers: {as_service_error(error).message}"
        )
    else:
        patience.note(None)
        described.told[resource.slug] = digest
    with run.database.write() as session:
        run.give_sign(session)


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
            _read_context(row.context),
            sensitive=row.sensitive,
            earlier=earlier.get(row.id, ()),
            limits=limits,
        )
        for row in session.exec(query)
        if row.id is not None
    }


def _read_context(stored: Mapping[str, Any]) -> UnitContext:
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
