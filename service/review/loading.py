"""Reads from the database what drawing a form or lookup takes: where everything stands, and the texts there."""

from sqlmodel import Session, and_, col, or_, select

from extractors.texts import normalise_text
from service.catalog.models import State, Translation, Unit
from service.catalog.service.snapshots import find_current_snapshot, read_records
from service.review.drawing import Text
from service.review.layout import Layout


def load_layout(session: Session, deployment_id: int) -> Layout:
    """Return what stands where in the current snapshot; an empty layout before the first import."""
    snapshot = find_current_snapshot(session, deployment_id)
    return Layout(read_records(snapshot) if snapshot else ())


def list_texts(session: Session, deployment_id: int, locale: str, layout: Layout, key: str) -> list[Text]:
    """Return the texts that drawing the record takes, in the order of the source: one query, whatever it holds."""
    query = (
        select(Unit, Translation)
        .join(Translation, and_(col(Translation.unit_id) == Unit.id, col(Translation.locale) == locale), isouter=True)
        .where(
            col(Unit.deployment_id) == deployment_id,
            ~col(Unit.retired),
            or_(col(Unit.record_key).in_(layout.forms_in(key)), col(Unit.key).in_(layout.values_in(key))),
        )
        .order_by(col(Unit.position))
    )
    return [_text(unit, translation) for unit, translation in session.exec(query)]


def _text(unit: Unit, translation: Translation | None) -> Text:
    found = translation.text if translation else None
    return Text(
        key=unit.key,
        position=unit.position,
        source=normalise_text(unit.source),
        text=normalise_text(found or "") or None,
        state=(translation.state if translation else State.UNTRANSLATED).value,
        sensitive=unit.sensitive,
        blocked=bool(translation and translation.blocked),
        warned=bool(translation and translation.warnings),
        left_out=unit.excluded or unit.do_not_translate,
    )
