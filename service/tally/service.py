"""Counting within a transaction, and reading the counts."""

from collections import Counter
from typing import NamedTuple

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, select

from service.db import before_commit
from service.tally.models import Tally

JOBS = "jobs"
RUNS = "runs"
REQUESTS = "transifex-requests"
MAIL = "mail"
_PENDING = "tally"


class Place(NamedTuple):
    """What is counted."""

    name: str
    kind: str = ""
    result: str = ""


def count(session: Session, name: str, kind: str = "", result: str = "", number: int = 1) -> None:
    """Count something that the transaction does; it counts once the transaction is committed."""
    pending: Counter[Place] = session.info.setdefault(_PENDING, Counter())
    pending[Place(name, kind, result)] += number
    before_commit(session, _write)


def _write(session: Session) -> None:
    pending: Counter[Place] = session.info.pop(_PENDING, Counter())
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    # In one order everywhere: two transactions that wait for each other's rows would wait for ever.
    for place, number in sorted(pending.items()):
        insert = dialect.insert(Tally).values(**place._asdict(), number=number)
        session.connection().execute(
            insert.on_conflict_do_update(
                index_elements=list(Place._fields), set_={"number": Tally.number + insert.excluded.number}
            )
        )


def read_tallies(session: Session) -> dict[Place, int]:
    """Return everything that was counted."""
    return {Place(row.name, row.kind, row.result): row.number for row in session.exec(select(Tally))}
