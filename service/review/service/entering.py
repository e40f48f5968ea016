"""The one way in for texts: found in a source, imported, pulled, corrected. Checks first, then states."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from extractors.texts import clean_text, is_blank, text_hash
from service.catalog.models import Conflict, ConflictResolution, Origin, State, Translation, Unit
from service.catalog.rules.overwrite import WRITES, Outcome, PulledText, next_sync_point
from service.catalog.service.contributions import Written, note_contributions
from service.catalog.service.locks import lock_units
from service.catalog.service.states import refresh_states
from service.catalog.service.texts import (
    close_conflict,
    empty_text,
    find_conflicted_units,
    find_open_conflict,
    open_conflict,
    rewrite_on,
    store_texts,
    sync_point,
    update_conflict,
    write_sync_point,
    write_text,
)
from service.checks.service import check_translations
from service.deployments.models import Deployment

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class IncomingText:
    """One text on its way in. ``pulled`` carries Transifex's facts about it; its hash is filled in here."""

    key: str
    text: str
    author_id: str | None = None
    written_at: datetime | None = None
    pulled: PulledText | None = None
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands where a text wants in."""

    unit: Unit
    translation: Translation
    ours: str
    in_conflict: bool


@dataclass(frozen=True, slots=True)
class EnteredText:
    """What became of one incoming text, by key. ``ours`` and ``theirs`` are given where the two were told apart."""

    key: str
    outcome: Outcome
    ours: str = ""
    theirs: str = ""


@dataclass(slots=True)
class EntryReport:
    """What became of a batch: ``listed`` are the texts that were kept out, ``unknown`` the keys nobody has."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    listed: list[EnteredText] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    replaced_characters: list[str] = field(default_factory=list)

    @property
    def written(self) -> int:
        """Return how many texts were taken."""
        return sum(self.outcomes[outcome] for outcome in WRITES)

    def counts(self) -> dict[str, int]:
        """Return the number of texts by outcome, and of unknown keys."""
        return {**{outcome.value: number for outcome, number in self.outcomes.items()}, "unknown": len(self.unknown)}


Decide = Callable[[Standing, IncomingText, str], Outcome]

_LISTED = frozenset(
    {Outcome.KEPT_OTHER, Outcome.KEPT_APPROVED, Outcome.KEPT_CONFLICT, Outcome.CONFLICT, Outcome.EMPTIED}
)


def enter_texts(
    session: Session,
    deployment: Deployment,
    locale: str,
    incoming: Iterable[IncomingText],
    *,
    decide: Decide,
    origin: Origin,
    now: datetime,
    retired: bool = False,
) -> EntryReport:
    """Let texts of one locale in, as far as ``decide`` allows; check them; bring states up to date.

    Args:
        session: a write session; nothing is committed here.
        deployment: whose units the keys name.
        locale: the locale of all texts.
        incoming: the texts; of two with one key the last counts.
        decide: what may overwrite what: gets what stands, the incoming text, and its hash ("" for blank).
        origin: how the texts come in.
        now: the time that written rows carry.
        retired: let texts in for retired units too, which keep them until they revive; else their keys are unknown.
    """
    report = EntryReport()
    by_key = {text.key: _cleaned(text, report) for text in incoming}
    touched: dict[int, Standing] = {}
    keys = list(by_key)
    assert deployment.id is not None
    lock_units(session, deployment.id, keys)
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        standings = _find_standings(session, deployment, locale, chunk, now, retired=retired)
        report.unknown.extend(key for key in chunk if key not in standings)
        store_texts(session, (by_key[key].text for key in standings if not is_blank(by_key[key].text)))
        written = []
        for key, standing in standings.items():
            before = standing.translation.author_id
            if _enter(session, standing, by_key[key], decide, origin, report, now):
                touched[standing.unit.id or 0] = standing
                written.append(Written(standing.unit, standing.translation, before, standing.ours))
        if origin is not Origin.INHERITED:
            # What was taken over from another place was written once, there.
            note_contributions(session, locale, written, corrected=origin is Origin.CORRECTION, now=now)
    _look_again(session, deployment, locale, touched)
    return report


def _look_again(session: Session, deployment: Deployment, locale: str, touched: Mapping[int, Standing]) -> None:
    if not touched:
        return
    session.flush()
    in_use = [identifier for identifier, standing in touched.items() if not standing.unit.retired]
    translation_ids = check_translations(session, deployment, locale, in_use) if in_use else set()
    for standing in touched.values():
        if standing.unit.retired:
            # Its option set is checked without it; it is looked at when it revives.
            standing.translation.checked_on = None
            translation_ids.add(standing.translation.id or 0)
    refresh_states(session, translation_ids)


def _cleaned(text: IncomingText, report: EntryReport) -> IncomingText:
    cleaned = clean_text(text.text)
    if cleaned == text.text:
        return text
    report.replaced_characters.append(text.key)
    return IncomingText(text.key, cleaned, text.author_id, text.written_at, text.pulled, text.reviewed)


def _find_standings(
    session: Session, deployment: Deployment, locale: str, keys: Sequence[str], now: datetime, *, retired: bool
) -> dict[str, Standing]:
    query = select(Unit).where(Unit.deployment_id == deployment.id, col(Unit.key).in_(keys))
    if not retired:
        query = query.where(~col(Unit.retired))
    units = session.exec(query.execution_options(populate_existing=True)).all()
    ids = [unit.id for unit in units if unit.id is not None]
    rows = session.exec(
        select(Translation)
        .where(col(Translation.unit_id).in_(ids), Translation.locale == locale)
        .execution_options(populate_existing=True)
    )
    translations = {row.unit_id: row for row in rows}
    conflicted = find_conflicted_units(session, ids, locale)
    found = {}
    for unit in units:
        assert unit.id is not None
        translation = translations.get(unit.id) or Translation(
            unit_id=unit.id, locale=locale, version=0, changed_at=now
        )
        found[unit.key] = Standing(unit, translation, translation.text_hash or "", unit.id in conflicted)
    return {key: found[key] for key in keys if key in found}


def _enter(
    session: Session,
    standing: Standing,
    text: IncomingText,
    decide: Decide,
    origin: Origin,
    report: EntryReport,
    now: datetime,
) -> bool:
    """Let one text in or not; return whether checks and states of its pair must be looked at again."""
    theirs = "" if is_blank(text.text) else text_hash(text.text)
    outcome = decide(standing, text, theirs)
    report.outcomes[outcome] += 1
    if outcome in _LISTED:
        report.listed.append(EnteredText(text.key, outcome, standing.translation.text or "", text.text))
    translation = standing.translation
    if translation.id is None and outcome not in WRITES:
        return False
    changed = _apply(session, standing, text, outcome, origin, now)
    if text.pulled is not None:
        _record_sync(session, standing, text, theirs, outcome, now)
    session.add(translation)
    return changed


def _apply(
    session: Session, standing: Standing, text: IncomingText, outcome: Outcome, origin: Origin, now: datetime
) -> bool:
    translation, unit = standing.translation, standing.unit
    if outcome in WRITES:
        # Whatever comes from Transifex was written on the source text that Transifex has.
        written_on = unit.pushed_source_hash if origin is Origin.TRANSIFEX else unit.source_hash
        write_text(
            translation,
            text=text.text,
            # The service's own Transifex user is nobody's author.
            author_id=None if text.pulled is not None and text.pulled.own else text.author_id,
            origin=origin,
            written_at=text.written_at,
            written_on=written_on or unit.source_hash,
            now=now,
        )
        # The states are derived again below; until then the row must satisfy the table's own rule.
        translation.state = State.TRANSLATED
        if standing.in_conflict:
            update_conflict(session, translation)
    elif outcome is Outcome.REWRITTEN:
        rewrite_on(translation, source_hash=unit.source_hash, now=now)
    elif outcome is Outcome.EMPTIED:
        empty_text(translation, now=now)
        translation.state = State.UNTRANSLATED
    elif outcome is Outcome.CONFLICT:
        open_conflict(
            session,
            translation,
            their_text=text.text,
            their_author_id=text.author_id,
            their_written_at=text.written_at,
            now=now,
        )
    return outcome in WRITES or outcome in (Outcome.REWRITTEN, Outcome.EMPTIED, Outcome.CONFLICT)


def _record_sync(
    session: Session, standing: Standing, text: IncomingText, theirs: str, outcome: Outcome, now: datetime
) -> None:
    translation = standing.translation
    point = next_sync_point(
        outcome,
        ours=standing.ours,
        theirs=theirs,
        last=sync_point(translation),
        pushed_source_hash=standing.unit.pushed_source_hash,
        at=now,
    )
    write_sync_point(translation, point)
    translation.reviewed_on_transifex = text.reviewed
    if standing.in_conflict and outcome in (Outcome.EQUAL, Outcome.REWRITTEN):
        conflict: Conflict | None = find_open_conflict(session, translation.unit_id, translation.locale)
        if conflict is not None:
            close_conflict(
                session, conflict, translation, resolution=ConflictResolution.AGREED, person_id=None, now=now
            )
