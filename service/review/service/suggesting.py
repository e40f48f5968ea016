"""Near matches: approved texts of the same or a similar source text, to start from. Never an approval."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from extractors.texts import normalise_text
from service.catalog.models import State, Translation, Unit
from service.deployments.models import Deployment

LEAST = 75.0
"""Percent of likeness (rapidfuzz's normalised indel ratio) below which nobody is helped."""
_MOST = 10
_MOST_ROWS = 60_000
"""Rows looked at for likeness: about half a second."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One approved text. ``match``: ``same-key`` (key and source text), ``same-source``, or ``similar``."""

    deployment: str
    key: str
    match: str
    score: float
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class _Found:
    unit_id: int
    deployment_id: int
    match: str
    score: float


def find_suggestions(
    session: Session, deployment: Deployment, locale: str, unit: Unit, *, visible: Collection[int] | None
) -> list[Suggestion]:
    """Return approved texts that may help with a unit, best first, each text once.

    Those of this deployment come first; then the same key and source text elsewhere, the same source text, a similar
    one. Texts with a blocking finding, and texts of units that are not in use, are no suggestions.

    Args:
        visible: ids of the deployments that the person may see; None: all of them.
    """
    found = _find_same(session, unit, locale, visible) + _find_similar(session, unit, locale, visible)
    order = {"same-key": 0, "same-source": 1, "similar": 2}

    def rank(one: _Found) -> tuple[bool, int, float, int]:
        elsewhere = one.deployment_id != deployment.id
        return elsewhere, order[one.match], -one.score, one.unit_id

    return _show(session, locale, sorted(found, key=rank))


def _find_same(session: Session, unit: Unit, locale: str, visible: Collection[int] | None) -> list[_Found]:
    query = (
        select(Unit.id, Unit.deployment_id, Unit.key)
        .where(Unit.source_hash == unit.source_hash)
        .where(*_usable(locale, unit, visible))
        .join(Translation, col(Translation.unit_id) == Unit.id)
        # The same key first, this deployment before others: what is cut off is what would come last.
        .order_by(col(Unit.key) != unit.key, col(Unit.deployment_id) != unit.deployment_id, col(Unit.id))
        .limit(_MOST * 20)
    )
    return [
        _Found(number or 0, place, "same-key" if key == unit.key else "same-source", 100.0)
        for number, place, key in session.exec(query)
    ]


def _find_similar(session: Session, unit: Unit, locale: str, visible: Collection[int] | None) -> list[_Found]:
    # Nothing else of the service needs it.
    from rapidfuzz import fuzz, process

    wanted = normalise_text(unit.source)
    # Two texts of which one is more than 5/3 as long as the other are never 75 % alike.
    least, most = int(len(wanted) * 0.6), int(len(wanted) / 0.6) + 1
    query = (
        select(Unit.id, Unit.deployment_id, Unit.source)
        .where(col(Unit.source_hash) != unit.source_hash)
        .where(func.length(Unit.source).between(least, most + 8))
        .where(*_usable(locale, unit, visible))
        .join(Translation, col(Translation.unit_id) == Unit.id)
        .order_by(col(Unit.deployment_id) != unit.deployment_id, col(Unit.id))
        .limit(_MOST_ROWS)
    )
    rows = session.exec(query).all()
    sources = [normalise_text(source).casefold() for _, _, source in rows]
    best = []
    for own in (True, False):
        choices = {place: text for place, text in enumerate(sources) if (rows[place][1] == unit.deployment_id) is own}
        best += process.extract(wanted.casefold(), choices, scorer=fuzz.ratio, score_cutoff=LEAST, limit=_MOST * 2)
    return [_Found(rows[place][0] or 0, rows[place][1], "similar", round(score, 1)) for _, score, place in best]


def _usable(locale: str, unit: Unit, visible: Collection[int] | None) -> list[ColumnElement[bool]]:
    conditions = [
        col(Translation.locale) == locale,
        col(Translation.state) == State.APPROVED,
        ~col(Translation.blocked),
        ~col(Unit.retired),
        col(Unit.id) != unit.id,
    ]
    if visible is not None:
        conditions.append(col(Unit.deployment_id).in_({unit.deployment_id, *visible}))
    return conditions


def _show(session: Session, locale: str, ranked: list[_Found]) -> list[Suggestion]:
    ids = [one.unit_id for one in ranked]
    query = (
        select(Unit, Translation, Deployment.slug)
        .join(Translation, col(Translation.unit_id) == Unit.id)
        .join(Deployment, col(Deployment.id) == Unit.deployment_id)
        .where(col(Unit.id).in_(ids), Translation.locale == locale)
    )
    rows = {unit.id: (unit, translation, slug) for unit, translation, slug in session.exec(query)}
    shown: dict[str, Suggestion] = {}
    for one in ranked:
        unit, translation, slug = rows[one.unit_id]
        text = normalise_text(translation.text or "")
        shown.setdefault(text, Suggestion(slug, unit.key, one.match, one.score, normalise_text(unit.source), text))
    return list(shown.values())[:_MOST]
