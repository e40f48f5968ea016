"""Taking over a resource that stood on Transifex before us: nothing that was written there is lost to our first push.

A string whose source text differs from ours loses its translations when ours is uploaded. They come in first, as
written on the source text that they were written on: stale, with their authors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from extractors.texts import clean_text, text_hash
from service.catalog.models import Unit
from service.catalog.service.locks import lock_units
from service.catalog.service.texts import store_texts
from service.review.service.policies import enter_pulled_texts
from service.sync.keys import string_key, unit_hash
from service.sync.plan import FORMAT, LocalResource, PushUnit, RemoteResource, RemoteString, UploadPlan
from service.sync.rules.matching import match_resources
from service.sync.service.arriving import find_people, incoming_text
from service.sync.service.runs import OpenRun
from transifex_client.ids import resource_id
from transifex_client.resources import Translation

_CHUNK = 400
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Rescue:
    """What rescuing takes: locales by the project's languages, our own user names there, the source of new ids."""

    locales: Mapping[str, str]
    own_users: frozenset[str]
    new_id: Callable[[], str]


def find_resources(
    run: OpenRun, wanted: Sequence[LocalResource], remote: Sequence[RemoteResource], known: Mapping[str, str]
) -> dict[str, str]:
    """Return the slugs of resources that others named in their way, by the record whose texts they hold.

    Costs one listing for each resource there that is not ours, and only while a record of ours has none.

    Args:
        run: the push.
        wanted: our resources, as they are called by rule.
        remote: those of the project.
        known: slugs of resources that we filled before, by record.
    """
    slugs = {resource.slug for resource in remote}
    missing = [resource for resource in wanted if resource.record not in known and resource.slug not in slugs]
    ours = {resource.slug for resource in wanted} | set(known.values())
    foreign = [found for found in remote if found.slug not in ours and found.format in (None, FORMAT) and found.strings]
    if not missing or not foreign:
        return {}
    there = {
        found.slug: [string.key for string in run.client.list_strings(resource_id(run.project, found.slug))]
        for found in foreign
    }
    return match_resources(
        {resource.record: [string_key(unit.key) for unit in resource.units] for resource in missing}, there
    )


def adopt_resource(
    run: OpenRun, resource: LocalResource, there: Sequence[RemoteString], upload: UploadPlan, rescue: Rescue
) -> dict[str, Any]:
    """Let in the translations that uploading the resource will drop; return how both sides compare.

    Costs one listing for each language where a source text differs, else nothing.

    Raises:
        TransifexError: a listing failed; nothing must be uploaded then.
    """
    sources = {string.key: string.text for string in there}
    differing = {unit: text for unit in upload.changed if (text := sources.get(string_key(unit.key))) is not None}
    rescued = 0
    for language, locale in rescue.locales.items() if differing else ():
        place = resource_id(run.project, resource.slug)
        rows = run.client.list_translations(place, language, translated=True)
        rescued += _enter(run, differing, locale, rows, rescue)
    return {
        "matched": len(resource.units) - len(upload.fresh) - len(upload.changed),
        "only_here": len(upload.fresh),
        "only_there": len(upload.removed),
        "source_differs": len(upload.changed),
        "rescued": rescued,
        "only_here_keys": [str(unit.key) for unit in upload.fresh[:_SHOWN]],
        "source_differs_keys": [str(unit.key) for unit in upload.changed[:_SHOWN]],
    }


def adoption_message(resource: LocalResource, compared: Mapping[str, Any]) -> str:
    """Return in words how a resource that stood there before us compares with ours."""
    said = (
        f"{resource.slug!r} stood on Transifex before: {compared['matched']} strings are the same, "
        f"{compared['source_differs']} have another source text, {compared['only_here']} are only here, "
        f"{compared['only_there']} only there."
    )
    if compared["rescued"]:
        said += f" Translations kept as stale: {compared['rescued']}."
    return said


def _enter(
    run: OpenRun, differing: Mapping[PushUnit, str], locale: str, rows: Sequence[Translation], rescue: Rescue
) -> int:
    keys = {unit_hash(unit.key): str(unit.key) for unit in differing}
    by_key = {}
    for row in rows:
        key = keys.get(row.string.rpartition(":s:")[2])
        if key is not None and row.strings is not None and set(row.strings) == {"other"}:
            by_key[key] = row
    if not by_key:
        return 0
    now = run.clock()
    with run.database.write() as session:
        people = find_people(session, by_key.values(), rescue.own_users, now, rescue.new_id)
        lock_units(session, run.deployment_id, list(by_key))
        _note_their_sources(session, differing)
        texts = [incoming_text(key, row, rescue.own_users, people) for key, row in by_key.items()]
        enter_pulled_texts(session, run.deployment, locale, texts, now=now)
        run.give_sign(session)
    return len(by_key)


def _note_their_sources(session: Session, differing: Mapping[PushUnit, str]) -> None:
    """Write down which source texts Transifex has: what comes from there was written on them."""
    sources = {unit.id: clean_text(text) for unit, text in differing.items()}
    store_texts(session, sources.values())
    ids = sorted(sources)
    for start in range(0, len(ids), _CHUNK):
        for row in session.exec(select(Unit).where(col(Unit.id).in_(ids[start : start + _CHUNK]))):
            assert row.id is not None
            row.pushed_source_hash = text_hash(sources[row.id])
            session.add(row)
    session.flush()
