"""Keeping who wrote which text, also after it is replaced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from service.catalog.models import Contribution, Translation, Unit


@dataclass(frozen=True, slots=True)
class Written:
    """A text that changed: the translation as it is now, who had written the one before, and its hash ("" for none)."""

    unit: Unit
    translation: Translation
    author_before: str | None
    hash_before: str


def note_contributions(
    session: Session, locale: str, written: Sequence[Written], *, corrected: bool, now: datetime
) -> None:
    """Keep who wrote these texts; with ``corrected`` also that a reviewer replaced the ones before."""
    rows = [
        {
            "deployment_id": each.unit.deployment_id,
            "unit_id": each.unit.id,
            "locale": locale,
            "text_hash": each.translation.text_hash,
            "author_id": each.translation.author_id,
            "words": each.unit.words,
            "written_at": each.translation.written_at or now,
        }
        for each in written
        if each.translation.author_id and each.translation.text_hash not in (None, each.hash_before)
    ]
    if rows:
        # The same text by the same person counts once.
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        session.exec(dialect.insert(Contribution).on_conflict_do_nothing(), params=rows)
    for each in written if corrected else ():
        if each.author_before and each.author_before != each.translation.author_id:
            session.execute(
                update(Contribution)
                .where(
                    col(Contribution.unit_id) == each.unit.id,
                    col(Contribution.locale) == locale,
                    col(Contribution.text_hash) == each.hash_before,
                    col(Contribution.author_id) == each.author_before,
                    col(Contribution.corrected_at).is_(None),
                )
                .values(corrected_at=now)
            )
