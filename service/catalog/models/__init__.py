"""The tables of the catalog."""

from service.catalog.models.outbox import OutboxKind, OutboxRow
from service.catalog.models.sources import ScopeAction, ScopeRule, Snapshot, Unit
from service.catalog.models.texts import (
    Conflict,
    ConflictResolution,
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
    "Translation",
    "Unit",
]
