"""Who may change which units at the same moment.

SQLite has one writer at a time. On PostgreSQL a transaction that changes texts, decisions or scope first locks the
units concerned, and with them those whose texts are checked together with theirs (the option set, the form or lookup,
equal source texts), always in the order of their ids: so nobody decides on a text that another transaction is just
replacing, and no two wait for each other.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from service.catalog.models import Unit
from service.deployments.models import Deployment

#: Above this number of keys all units of the deployment are locked: two statements would spoil the order.
_MOST_KEYS = 400


def lock_deployment(session: Session, deployment_id: int) -> None:
    """Let nobody else import a source, change the scope, or write any text of the deployment until this one ends."""
    if not _locks_rows(session):
        return
    session.exec(select(Deployment.id).where(Deployment.id == deployment_id).with_for_update(key_share=True)).all()
    _lock(session, col(Unit.deployment_id) == deployment_id)


def lock_units(session: Session, deployment_id: int, keys: Collection[str]) -> None:
    """Let nobody else write texts of, or decide on, these units and those around them until this transaction ends.

    Call it once, with all keys the transaction will touch: a second call could wait for somebody who waits for the
    first.
    """
    if not _locks_rows(session):
        return
    of_deployment = col(Unit.deployment_id) == deployment_id
    if len(keys) > _MOST_KEYS:
        _lock(session, of_deployment)
        return
    around = select(Unit.option_set, Unit.record_key, Unit.source_hash).where(of_deployment, col(Unit.key).in_(keys))
    # Named one by one, so that an index finds each.
    rows = session.exec(around).all()
    sets, records, sources = ({row[place] for row in rows} for place in range(3))
    _lock(
        session,
        of_deployment,
        or_(
            col(Unit.option_set).in_(sets - {None}),
            col(Unit.record_key).in_(records),
            col(Unit.source_hash).in_(sources),
        ),
    )


def _locks_rows(session: Session) -> bool:
    return session.get_bind().dialect.name != "sqlite"


def _lock(session: Session, *which: ColumnElement[bool]) -> None:
    # FOR NO KEY UPDATE: rows that refer to a unit can still be added by those who have no part in it.
    session.exec(select(Unit.id).where(*which).order_by(col(Unit.id)).with_for_update(key_share=True)).all()
