"""A database with rows in every table that a backup holds, and what it takes to compare two of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from extractors.texts import text_hash
from service.audit.models import AuditEntry
from service.auth.models import Account, ApiToken, LoginSession, Membership, PasswordLink, Person, Role
from service.backup import LEFT_OUT
from service.catalog.models import (
    Conflict,
    Decision,
    DecisionKind,
    Origin,
    OutboxKind,
    OutboxRow,
    RejectReason,
    ScopeAction,
    ScopeRule,
    Snapshot,
    State,
    StoredText,
    Translation,
    Unit,
)
from service.checks.models import StoredFinding
from service.db import Database
from service.deployments.models import Deployment, DeploymentLocale, DeploymentWebhook, RequestAllowance
from service.jobs.models import Job, JobState, Lease
from service.sync.models import PulledPair, PushedResource, RunKind, RunState, SyncRun, SyncSchedule
from service.tables import metadata

NOW = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)
TEXT = 'Consentement \u202bموافقة\u202c \U0001f9d2\n\ttab, quote " and \\'
SOURCE = "Consent"
_HASHES = {"source_hash": text_hash(SOURCE), "text_hash": text_hash(TEXT)}


def fill(database: Database) -> None:
    """Write rows into every table, in the order that foreign keys ask for, with what is awkward in each kind of column.

    Ids have gaps, and a decision is reopened.
    """
    groups: tuple[tuple[Any, ...], ...] = (
        (
            Deployment(id=3, slug="iraq", name="العراق", transifex_token="gAAAA-encrypted", created_at=NOW),
            Person(id="p1", name="Reem", email="reem@example.org", transifex_username="reem", created_at=NOW),
            Person(id="p2", created_at=NOW, erased_at=NOW + timedelta(days=1)),
            StoredText(hash=text_hash(SOURCE), text=SOURCE),
            StoredText(hash=text_hash(TEXT), text=TEXT),
        ),
        (
            Account(id=9, person_id="p1", username="reem", password_hash="$argon2id$x", created_at=NOW),
            ApiToken(person_id="p1", token_hash="0" * 64, created_at=NOW, last_used_at=NOW),
            Membership(person_id="p1", deployment_id=3, role=Role.RELEASE_ENGINEER, locales=["ar"], created_at=NOW),
            Membership(person_id="p2", role=Role.REVIEWER, locales=None, created_at=NOW),
            DeploymentLocale(deployment_id=3, locale="fr", transifex_language="fr", created_at=NOW),
            AuditEntry(
                id=70, at=NOW, person_id="p1", actor="reem", action="a", deployment_id=3,
                detail={"half": "\ud83d", "list": [1, 2.5, None, True], "key": {"é": "ü"}},
            ),
            Snapshot(
                deployment_id=3, number=1, is_current=True, origin="file", format="configuration_json",
                source_hash="1" * 64, catalog=bytes(range(256)) * 40, unit_count=2, problems=[{"a": 1}],
                imported_at=NOW,
            ),
            Unit(
                id=5, deployment_id=3, key="form/f/name", record_key="form/f", position=1, source=SOURCE,
                source_hash=text_hash(SOURCE), context={"label": "الاسم"}, words=1, characters=7, priority=-9,
                sensitive=True, created_at=NOW, changed_at=NOW,
            ),
            ScopeRule(deployment_id=3, action=ScopeAction.TAG, pattern="*", tag="sensitive", created_at=NOW),
            PushedResource(
                deployment_id=3, slug="f", record_key="form/f", content_hash="2" * 64, string_count=2, pushed_at=NOW
            ),
            PulledPair(
                deployment_id=3, slug="f", language="fr", total=2, translated=1, reviewed=0, pulled_at=NOW
            ),
            SyncRun(
                deployment_id=3, kind=RunKind.PULL, state=RunState.NO_CHANGES, started_at=NOW, outcome={"counts": {}}
            ),
            Job(id=12, kind="push", deployment_id=3, state=JobState.DONE, result=None, created_at=NOW, ended_at=NOW),
        ),
        (
            DeploymentWebhook(deployment_id=3, remote_id="o:a:p:b:w:1", secret="gAAAA-webhook", created_at=NOW),
            SyncSchedule(deployment_id=3, next_at=NOW, everything_at=NOW),
            Lease(name="schedule", owner="host:1:x", until=NOW),
            RequestAllowance(fingerprint="5" * 32, slot=1, used=2),
            LoginSession(
                account_id=9, token_hash="3" * 64, csrf_secret="session-secret", created_at=NOW, last_seen_at=NOW,
                expires_at=NOW + timedelta(days=1),
            ),
            PasswordLink(
                account_id=9, token_hash="4" * 64, created_at=NOW, expires_at=NOW + timedelta(days=1)
            ),
            Translation(
                id=8, unit_id=5, locale="fr", text=TEXT, text_hash=text_hash(TEXT), author_id="p2",
                origin=Origin.TRANSIFEX, written_at=NOW, state=State.TRANSLATED, changed_at=NOW, version=4,
            ),
            Translation(unit_id=5, locale="ar", state=State.UNTRANSLATED, changed_at=NOW),
            Conflict(unit_id=5, locale="fr", our_text="a", their_text="b", opened_at=NOW),
            Decision(id=40, unit_id=5, locale="fr", kind=DecisionKind.REJECT, reason=RejectReason.TYPO,
                     person_id="p1", created_at=NOW, **_HASHES),
        ),
        (
            StoredFinding(
                translation_id=8, check_id="numbers", severity="warning", start=0, end=1, message="m", **_HASHES
            ),
            OutboxRow(id=6, kind=OutboxKind.ISSUE, unit_id=5, locale="fr", decision_id=40, created_at=NOW, attempts=2,
                      problem="No plan.", comment_id="o:a:p:b:r:f:s:c:1", **_HASHES),
            Decision(id=41, unit_id=5, locale="fr", kind=DecisionKind.REOPEN, reopens_id=40, person_id="p1",
                     created_at=NOW, **_HASHES),
        ),
        (
            Decision(id=44, unit_id=5, locale="fr", kind=DecisionKind.APPROVE, person_id="p1", comment="ça va",
                     created_at=NOW, **_HASHES),
        ),
    )  # fmt: skip
    for group in groups:
        with database.write() as session:
            session.add_all(group)


def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table that a backup holds, in an order that no database decides."""
    with database.read() as session:
        return {
            table.name: sorted((tuple(row) for row in session.connection().execute(select(table))), key=repr)
            for table in metadata.sorted_tables
            if table.name not in LEFT_OUT
        }


def is_empty(database: Database) -> bool:
    """Return whether no table holds a row."""
    return not any(dump(database).values())
