"""Counts what a block asks the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import event
from sqlmodel import Session


@dataclass
class Count:
    """How many statements ran."""

    number: int = 0


@contextmanager
def count_queries(session: Session) -> Iterator[Count]:
    """Count the statements that the session's connection runs inside the block."""
    count, connection = Count(), session.connection()

    def note(*_: object) -> None:
        count.number += 1

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield count
    finally:
        event.remove(connection, "before_cursor_execute", note)
