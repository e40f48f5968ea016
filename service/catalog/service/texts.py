"""Writing texts, decisions and conflicts: the only code that touches those rows."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from extractors.texts import normalise_text, text_hash
from service.catalog.models import Conflict, ConflictResolution, Origin, StoredText, Translation
from service.catalog.rules.overwrite import SyncPoint


def store_texts(session: Session, texts: Iterable[str]) -> None:
    """Keep the normalised form of each text under its hash; those already kept cost nothing."""
    by_hash = {text_hash(text): normalise_text(text) for text in texts}
    kept = set(find_texts(session, by_hash))
    # In the order of the hashes, and without complaint where somebody else is just storing the same text.
    rows = [{"hash": key, "text": by_hash[key]} for key in sorted(by_hash) if key not in kept]
    if rows:
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        session.exec(dialect.insert(StoredText).on_conflict_do_nothing(), params=rows)


def find_texts(session: Session, hashes: Iterable[str]) -> dict[str, str]:
    """Return the kept texts by hash."""
    found: dict[str, str] = {}
    wanted = list(set(hashes))
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        rows = session.exec(select(StoredText).where(col(StoredText.hash).in_(chunk)))
        found.update({row.hash: row.text for row in rows})
    return found


def write_text(
    translation: Translation,
    *,
    text: str,
    author_id: str | None,
    origin: Origin,
    written_at: datetime | None,
    written_on: str | None,
    now: datetime,
) -> None:
    """Make ``text`` (an original, not blank) the text of the translation. The caller refreshes checks and states."""
    translation.text = text
    translation.text_hash = text_hash(text)
    translation.author_id = author_id
    translation.origin = origin
    translation.written_at = written_at
    translation.written_on = written_on
    _touch(translation, now)


def empty_text(translation: Translation, *, now: datetime) -> None:
    """Take the text away: somebody emptied it where translators work. Decisions on it are kept."""
    translation.text = None
    translation.text_hash = None
    translation.author_id = None
    translation.written_at = None
    translation.written_on = None
    _touch(translation, now)


def rewrite_on(translation: Translation, *, source_hash: str, now: datetime) -> None:
    """Record that the equal text was written anew on the current source."""
    if translation.written_on != source_hash:
        translation.written_on = source_hash
        _touch(translation, now)


def _touch(translation: Translation, now: datetime) -> None:
    translation.version += 1
    translation.changed_at = now


def sync_point(translation: Translation) -> SyncPoint:
    """Return what each side held at the end of the last sync."""
    return SyncPoint(
        translation.our_synced_hash,
        translation.their_synced_hash,
        translation.synced_source_hash,
        translation.synced_at,
    )


def write_sync_point(translation: Translation, point: SyncPoint) -> None:
    """Remember what each side held at the end of a sync."""
    translation.our_synced_hash = point.ours
    translation.their_synced_hash = point.theirs
    translation.synced_source_hash = point.source_hash
    translation.synced_at = point.at


def record_sent_text(
    translation: Translation, *, sent_hash: str, pushed_source_hash: str | None, now: datetime
) -> None:
    """Remember that Transifex took a text of ours, as both sides' last common text.

    Without it a correction back to the text before would count as no change, and the text just sent would replace it.
    """
    write_sync_point(translation, SyncPoint(sent_hash, sent_hash, pushed_source_hash, now))


def open_conflict(
    session: Session,
    translation: Translation,
    *,
    their_text: str,
    their_author_id: str | None,
    their_written_at: datetime | None,
    now: datetime,
) -> Conflict:
    """Record that both sides changed; an open conflict of the pair takes up the newer texts instead."""
    conflict = find_open_conflict(session, translation.unit_id, translation.locale)
    if conflict is None:
        conflict = Conflict(
            unit_id=translation.unit_id,
            locale=translation.locale,
            our_text=translation.text or "",
            their_text=their_text,
            opened_at=now,
        )
        _touch(translation, now)
    conflict.our_text = translation.text or ""
    conflict.their_text = their_text
    conflict.their_author_id = their_author_id
    conflict.their_written_at = their_written_at
    session.add(conflict)
    return conflict


def update_conflict(session: Session, translation: Translation) -> None:
    """Let the open conflict of the pair show the text that ours has become meanwhile."""
    conflict = find_open_conflict(session, translation.unit_id, translation.locale)
    if conflict is not None:
        conflict.our_text = translation.text or ""
        session.add(conflict)


def find_open_conflict(session: Session, unit_id: int, locale: str) -> Conflict | None:
    """Return the open conflict of a (unit, locale), or None."""
    query = select(Conflict).where(
        Conflict.unit_id == unit_id, Conflict.locale == locale, col(Conflict.resolved_at).is_(None)
    )
    return session.exec(query).first()


def find_conflicted_units(session: Session, unit_ids: Iterable[int], locale: str) -> set[int]:
    """Return which of the units have an open conflict in the locale."""
    found: set[int] = set()
    wanted = list(unit_ids)
    for start in range(0, len(wanted), 500):
        query = select(Conflict.unit_id).where(
            col(Conflict.unit_id).in_(wanted[start : start + 500]),
            Conflict.locale == locale,
            col(Conflict.resolved_at).is_(None),
        )
        found.update(session.exec(query))
    return found


def close_conflict(
    session: Session,
    conflict: Conflict,
    translation: Translation,
    *,
    resolution: ConflictResolution,
    person_id: str | None,
    now: datetime,
) -> None:
    """End a conflict; the caller writes the text that the resolution chose."""
    conflict.resolution = resolution
    conflict.resolved_by = person_id
    conflict.resolved_at = now
    _touch(translation, now)
    session.add(conflict)
    session.add(translation)
