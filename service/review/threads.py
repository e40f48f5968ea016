"""What was asked about a text elsewhere, as its card shows it. Who knows of it lies above: ``app.py`` brings the two
together, as ``app.state.find_threads``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from service.auth.rules import Identity


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said. ``by`` is None where nobody knows; ``ours``: it was said here."""

    by: str | None
    ours: bool
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Thread:
    """A question about one text with what was said since. ``address`` is where it can be answered."""

    address: str
    waits: bool
    lines: tuple[Said, ...]


FindThreads = Callable[[Session, Identity, str, int, str], Sequence[Thread]]
"""(session, who looks, the deployment's slug, the unit's id, the locale) -> what they may read, what waits first."""
