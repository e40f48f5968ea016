"""What of ours Transifex may have to hear: read from the database, grouped as it can be sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from extractors.texts import normalise_text
from extractors.units import UnitKey
from service.catalog.models import Conflict, Decision, OutboxKind, OutboxRow, State, Translation, Unit
from service.catalog.queries import in_scope
from service.catalog.service.outbox import find_issue_rows
from service.catalog.service.texts import find_texts
from service.deployments.models import Deployment
from service.deployments.service import list_locales
from service.sync.keys import resource_record
from service.sync.queries import list_pushed_resources
from service.sync.rules.formats import FORMATS
from service.sync.verdicts import Due, judge_row, say_rejection
from transifex_client.ids import resource_id, string_id, translation_id

ISSUES = (OutboxKind.ISSUE, OutboxKind.RESOLVE_ISSUE)
_CHUNK = 400


@dataclass(slots=True)
class Outgoing:
    """What may have to be sent.

    ``due`` by resource (slug) and language; ``rows`` the open rows of each translation, by its id; ``pointless`` rows
    (ids) with the reason why they are not sent any more.
    """

    due: dict[tuple[str, str], list[Due]] = field(default_factory=dict)
    rows: dict[int, list[OutboxRow]] = field(default_factory=dict)
    pointless: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IssueDue:
    """One rejection whose issue has to be opened or resolved.

    ``rows`` are the ids of the open rows, ``comment_id`` the issue where it is known, ``tried`` whether it may have
    been opened without our having heard of it.
    """

    rows: tuple[int, ...]
    key: str
    string: str
    language: str
    message: str
    wanted_open: bool
    comment_id: str | None
    tried: bool


class Map:
    """Where the texts of a deployment stand on Transifex."""

    def __init__(self, session: Session, deployment: Deployment, project: str) -> None:
        assert deployment.id is not None
        self.project = project
        self.languages: Mapping[str, str] = {
            row.locale: row.transifex_language for row in list_locales(session, deployment) if row.transifex_language
        }
        self._format = FORMATS[deployment.transifex_format]
        self._slugs = {row.record_key: row.slug for row in list_pushed_resources(session, deployment.id)}

    def slug(self, key: UnitKey) -> str | None:
        """Return the slug of the resource that holds the unit's text, None where nothing of it was pushed yet."""
        return self._slugs.get(resource_record(key))

    def string(self, key: UnitKey, slug: str) -> str:
        """Return Transifex's id of the unit's string."""
        return string_id(resource_id(self.project, slug), self._format.string_key(key))


def find_outgoing(session: Session, deployment: Deployment, project: str, *, marks: bool) -> Outgoing:
    """Return what may have to be sent of texts and marks.

    Texts that nobody decided on are among them where, for all we know, Transifex has none. Units that are not in use
    or whose source text Transifex has not got, locales that are not translated there, and conflicts are left out.

    Args:
        marks: take every approved text, to set its mark anew.
    """
    assert deployment.id is not None
    there = Map(session, deployment, project)
    found = Outgoing()
    _find_rows(session, deployment.id, found)
    for unit, translation, fill in session.exec(
        select(Unit, Translation, _nothing_there())
        .join(Translation, col(Translation.unit_id) == Unit.id)
        .where(
            _on_transifex(deployment.id),
            col(Translation.locale).in_(list(there.languages)),
            col(Translation.text).is_not(None),
            ~_in_conflict(),
            or_(_has_open_row(), _nothing_there(), *([col(Translation.state) == State.APPROVED] if marks else [])),
        )
        .order_by(Translation.locale, col(Unit.position), col(Unit.id))
    ):
        key = UnitKey.parse(unit.key)
        slug = there.slug(key)
        rows = found.rows.get(translation.id or 0, [])
        if slug is not None and (rows or fill or marks):
            language = there.languages[translation.locale]
            place = translation_id(there.string(key, slug), language)
            due = _due(unit.key, translation, rows, place, fill=bool(fill), marks=marks)
            found.due.setdefault((slug, language), []).append(due)
    return found


def _find_rows(session: Session, deployment_id: int, found: Outgoing) -> None:
    query = (
        select(OutboxRow, Unit, Translation)
        .join(Unit, col(Unit.id) == OutboxRow.unit_id)
        .join(Translation, and_(col(Translation.unit_id) == OutboxRow.unit_id, _same_locale()))
        # What is said of a retired unit waits, unjudged, until it revives.
        .where(Unit.deployment_id == deployment_id, ~col(Unit.retired), col(OutboxRow.done_at).is_(None))
        .where(col(OutboxRow.kind).not_in(ISSUES))
        .order_by(col(OutboxRow.id))
    )
    for row, unit, translation in session.exec(query):
        reason = judge_row(
            row.kind,
            row_hashes=(row.source_hash, row.text_hash),
            source_hash=unit.source_hash,
            text_hash=translation.text_hash,
            state=translation.state,
        )
        assert row.id is not None
        assert translation.id is not None
        if reason:
            found.pointless[row.id] = reason
        else:
            found.rows.setdefault(translation.id, []).append(row)


def _due(key: str, translation: Translation, rows: Iterable[OutboxRow], place: str, *, fill: bool, marks: bool) -> Due:
    assert translation.id is not None
    assert translation.text_hash is not None
    kinds = {row.kind for row in rows}
    approved = translation.state is State.APPROVED
    mark = False if OutboxKind.UNREVIEWED in kinds else None
    if OutboxKind.REVIEWED in kinds or (marks and approved):
        mark = True
    return Due(
        translation.id, place, key, normalise_text(translation.text or ""), translation.text_hash,
        translation.their_synced_hash, chosen=OutboxKind.TEXT in kinds, mark=mark, approved=approved, fill=fill,
    )  # fmt: skip


def _on_transifex(deployment_id: int) -> ColumnElement[bool]:
    return and_(in_scope(deployment_id), col(Unit.pushed_source_hash) == Unit.source_hash)


def _same_locale() -> ColumnElement[bool]:
    return col(Translation.locale) == OutboxRow.locale


def _has_open_row() -> ColumnElement[bool]:
    return (
        select(OutboxRow.id)
        .where(
            col(OutboxRow.unit_id) == Translation.unit_id,
            _same_locale(),
            col(OutboxRow.done_at).is_(None),
            col(OutboxRow.kind).not_in(ISSUES),
        )
        .correlate(Translation)
        .exists()
    )


def _in_conflict() -> ColumnElement[bool]:
    return (
        select(Conflict.id)
        .where(
            col(Conflict.unit_id) == Translation.unit_id,
            col(Conflict.locale) == Translation.locale,
            col(Conflict.resolved_at).is_(None),
        )
        .correlate(Translation)
        .exists()
    )


def _nothing_there() -> ColumnElement[bool]:
    """Return where Transifex may have no text: none was seen there since its string got the current source text.

    A text that a person emptied there after we saw it is not among them; neither is one that is stale or rejected.
    """
    return and_(
        col(Translation.state).in_([State.TRANSLATED, State.APPROVED]),
        or_(
            col(Translation.their_synced_hash).is_(None),
            col(Translation.their_synced_hash) == "",
            col(Translation.synced_source_hash).is_(None),
            col(Translation.synced_source_hash) != Unit.source_hash,
            col(Translation.synced_at).is_(None),
            col(Translation.synced_at) <= col(Unit.pushed_at),
        ),
    )


def find_due_issues(session: Session, deployment: Deployment, project: str) -> list[IssueDue]:
    """Return the issues that have to be opened or resolved, in the order of the rejections."""
    assert deployment.id is not None
    there = Map(session, deployment, project)
    query = (
        select(OutboxRow, Unit)
        .join(Unit, col(Unit.id) == OutboxRow.unit_id)
        .where(
            in_scope(deployment.id),
            col(OutboxRow.done_at).is_(None),
            col(OutboxRow.kind).in_(ISSUES),
            col(OutboxRow.locale).in_(list(there.languages)),
        )
    )
    units = {row.decision_id or 0: unit for row, unit in session.exec(query)}
    histories: dict[int, list[OutboxRow]] = {}
    for row in find_issue_rows(session, [unit.id for unit in units.values() if unit.id is not None]):
        histories.setdefault(row.decision_id or 0, []).append(row)
    decisions = _find_decisions(session, units)
    texts = find_texts(session, [decision.text_hash for decision in decisions.values()])
    found = []
    for identifier, decision in decisions.items():
        key = UnitKey.parse(units[identifier].key)
        slug = there.slug(key)
        if slug is not None and decision.reason is not None:
            message = say_rejection(decision.reason, decision.comment, texts.get(decision.text_hash, ""))
            language = there.languages[decision.locale]
            found.append(_issue(histories[identifier], str(key), there.string(key, slug), language, message))
    return found


def _find_decisions(session: Session, identifiers: Iterable[int]) -> dict[int, Decision]:
    wanted = sorted(identifiers)
    found: dict[int, Decision] = {}
    for start in range(0, len(wanted), _CHUNK):
        query = select(Decision).where(col(Decision.id).in_(wanted[start : start + _CHUNK])).order_by(col(Decision.id))
        found |= {row.id or 0: row for row in session.exec(query)}
    return found


def _issue(history: list[OutboxRow], key: str, string: str, language: str, message: str) -> IssueDue:
    known = [row.comment_id for row in history if row.comment_id]
    return IssueDue(
        rows=tuple(row.id for row in history if row.id is not None and row.done_at is None),
        key=key,
        string=string,
        language=language,
        message=message,
        wanted_open=history[-1].kind is OutboxKind.ISSUE,
        comment_id=known[-1] if known else None,
        tried=any(row.attempts for row in history),
    )
