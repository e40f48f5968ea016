"""Before an upload drops translations they come in: nothing that volunteers wrote is lost to a push.

Transifex drops the translations of a string whose source text changes, and of one that the file lacks. Whatever was
written there since the last pull comes in first, as written on the source text that stands there: stale where ours is
another, kept with its unit where the unit is retired.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from extractors.texts import clean_text, text_hash
from extractors.units import UnitKey
from service.catalog.models import Unit
from service.catalog.rules.overwrite import Outcome
from service.catalog.service.locks import lock_units
from service.catalog.service.texts import store_texts
from service.review.service.policies import enter_pulled_texts
from service.sync.keys import resource_record
from service.sync.plan import LocalResource, RemoteString, UploadPlan
from service.sync.queries import find_spelling
from service.sync.rules.formats import Spelling, choose_spelling
from service.sync.service.arriving import find_people, incoming_text
from service.sync.service.runs import OpenRun
from transifex_client.ids import resource_id, string_hash
from transifex_client.resources import Translation

_CHUNK = 400
_TAKEN = (Outcome.FILLED, Outcome.REPLACED, Outcome.CONFLICT, Outcome.POLICY_OURS)


@dataclass(frozen=True, slots=True)
class Rescue:
    """What rescuing takes: locales by the project's languages, our own user names there, the source of new ids."""

    locales: Mapping[str, str]
    own_users: frozenset[str]
    new_id: Callable[[], str]


@dataclass(frozen=True, slots=True)
class _Endangered:
    """A unit whose translations the upload drops, and the source text that stands there now."""

    id: int
    key: str
    source: str


def rescue_translations(
    run: OpenRun, resource: LocalResource, there: Sequence[RemoteString], upload: UploadPlan, rescue: Rescue
) -> int:
    """Let in the translations that uploading the resource will drop; return how many differed from ours.

    Costs one listing for each language (1,000 texts a page) where a source text changes or a string goes, else nothing.
    Statistics would be cheaper to ask, but they may lag behind what was written a moment ago, and what is dropped here
    comes back with no later pull.

    Args:
        run: the push.
        resource: what is to be uploaded.
        there: the strings that stand there.
        upload: what it does to them.
        rescue: how to let them in.

    Raises:
        TransifexError: a listing failed; nothing must be uploaded then.
    """
    spelling = _find_spelling(run, upload)
    # A string in plural forms has no text that a unit could have.
    sources = {string.key: spelling.read(string.text) for string in there if string.text is not None}
    endangered = _find_endangered(run, resource, sources, frozenset(unit.id for unit in upload.changed))
    rescued = 0
    for language, locale in rescue.locales.items() if endangered else ():
        rows = run.client.list_translations(resource_id(run.project, resource.slug), language, translated=True)
        rescued += _enter(run, endangered, locale, rows, rescue, spelling)
    return rescued


def _find_spelling(run: OpenRun, upload: UploadPlan) -> Spelling:
    if upload.escaped is not None:
        return choose_spelling(run.format, escaped=upload.escaped)
    with run.database.read() as session:
        return find_spelling(session, run.deployment)


def _find_endangered(
    run: OpenRun, resource: LocalResource, sources: Mapping[str, str], changed: frozenset[int]
) -> dict[str, _Endangered]:
    """Return, by the hash of the string, the units whose translations there will be dropped."""
    found = {}
    names = {run.format.string_key(unit.key): unit for unit in resource.units}
    for name, unit in names.items():
        if unit.id in changed and name in sources:
            found[string_hash(name)] = _Endangered(unit.id, str(unit.key), sources[name])
    gone = sources.keys() - names.keys()
    if gone:
        with run.database.read() as session:
            for identifier, key in _units_of(session, run.deployment_id, resource.record):
                name = run.format.string_key(key)
                if name in gone:
                    found[string_hash(name)] = _Endangered(identifier, str(key), sources[name])
    return found


def _units_of(session: Session, deployment_id: int, record: str) -> Iterator[tuple[int, UnitKey]]:
    """Yield every unit that has a place in the resource, also those that are not in use."""
    for identifier, text in session.exec(select(Unit.id, Unit.key).where(Unit.deployment_id == deployment_id)):
        key = UnitKey.parse(text)
        if identifier is not None and resource_record(key) == record:
            yield identifier, key


def _enter(
    run: OpenRun,
    endangered: Mapping[str, _Endangered],
    locale: str,
    rows: Sequence[Translation],
    rescue: Rescue,
    spelling: Spelling,
) -> int:
    by_key, units = {}, []
    for row in rows:
        unit = endangered.get(row.string.rpartition(":s:")[2])
        if unit is not None and row.strings is not None and set(row.strings) == {"other"}:
            by_key[unit.key] = row
            units.append(unit)
    if not by_key:
        return 0
    now = run.clock()
    with run.write() as session:
        people = find_people(session, by_key.values(), rescue.own_users, now, rescue.new_id)
        lock_units(session, run.deployment_id, list(by_key))
        _note_their_sources(session, units)
        texts = [incoming_text(key, row, rescue.own_users, people, spelling) for key, row in by_key.items()]
        report = enter_pulled_texts(session, run.deployment, locale, texts, now=now)
    return sum(report.outcomes[outcome] for outcome in _TAKEN)


def _note_their_sources(session: Session, endangered: Iterable[_Endangered]) -> None:
    """Write down which source texts Transifex has: what comes from there was written on them."""
    sources = {unit.id: clean_text(unit.source) for unit in endangered}
    store_texts(session, sources.values())
    ids = sorted(sources)
    for start in range(0, len(ids), _CHUNK):
        for row in session.exec(select(Unit).where(col(Unit.id).in_(ids[start : start + _CHUNK]))):
            assert row.id is not None
            row.pushed_source_hash = text_hash(sources[row.id])
            session.add(row)
    session.flush()
