"""The tables of the catalog. Importing them keeps the counters true, see :mod:`service.catalog.models.counting`."""

from service.catalog.models.counters import TextCounter
from service.catalog.models.counting import watch_sessions
from service.catalog.models.outbox import OutboxKind, OutboxRow
from service.catalog.models.sources import ScopeAction, ScopeRule, Snapshot, Unit, WordingRule
from service.catalog.models.texts import (
    Conflict,
    ConflictResolution,
    Contribution,
    Decision,
    DecisionException,
    DecisionKind,
    Origin,
    RejectReason,
    State,
    StoredText,
    Translation,
)

__all__ = [
    "Conflict",
    "ConflictResolution",
    "Contribution",
    "Decision",
    "DecisionException",
    "DecisionKind",
    "Origin",
    "OutboxKind",
    "OutboxRow",
    "RejectReason",
    "ScopeAction",
    "ScopeRule",
    "Snapshot",
    "State",
    "StoredText",
    "TextCounter",
    "Translation",
    "Unit",
    "WordingRule",
]

watch_sessions()
