"""Counts and gathers what a block asks the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event
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


@contextmanager
def noted_statements(engine: Engine) -> Iterator[list[str]]:
    """Gather the statements that run on any connection of the engine inside the block."""
    statements: list[str] = []

    def note(*given: Any) -> None:
        statements.append(given[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
