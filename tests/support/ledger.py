"""A database with rows in every table that a backup holds, and what it takes to compare two of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from extractors.texts import text_hash
from service.announcing.models import Announcement, AnnouncementMark, EventKind, TargetState, WebhookTarget
from service.audit.models import AuditEntry
from service.audit.service import seal_entries
from service.auth.models import Account, ApiToken, LoginSession, Membership, PasswordLink, PasswordRequest, Person, Role
from service.backup import LEFT_OUT
from service.bundles.models import Release, ReleaseFetch, ReleasePair, SigningKey, SignOff, SignOffPair
from service.catalog.models import (
    Conflict,
    Contribution,
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
    WordingRule,
)
from service.checks.models import CheckChoice, CheckSwitch, Dismissal, GlossaryEntry, RecheckMark, StoredFinding
from service.db import Database, before_commit
from service.deployments.models import Deployment, DeploymentLocale, DeploymentWebhook, RequestAllowance
from service.jobs.models import Job, JobState, Lease
from service.mail.models import MailMessage, MailState, MailStop
from service.primero.client import SignIn
from service.primero.models import (
    InstanceLook,
    InstanceRun,
    InstanceRunKind,
    InstanceRunRecord,
    InstanceRunState,
    LookKind,
    PrimeroInstance,
    WriteState,
)
from service.progress.models import Deadline, DeadlineReminder, ProgressSnapshot
from service.review.models import FormClaim, QueueSkip, TextComment
from service.sync.models import (
    PulledPair,
    PushedResource,
    Question,
    QuestionComment,
    QuestionReply,
    QuestionState,
    ReplyKind,
    RunKind,
    RunState,
    SyncRun,
    SyncRunItem,
    SyncSchedule,
)
from service.tables import metadata
from service.volunteers.letters import LetterKind
from service.volunteers.models import (
    LetterTemplate,
    PeopleSettings,
    TeamLook,
    TeamMember,
    TeamSchedule,
    Volunteer,
    VolunteerLanguage,
    VolunteerRole,
)

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
            # A restore switches pushing by itself off; all else comes back as it was.
            Deployment(id=3, slug="iraq", name="العراق", transifex_token="gAAAA-encrypted", push_by_itself=False,
                       created_at=NOW),
            Person(id="p1", name="Reem", email="reem@example.org", transifex_username="reem", created_at=NOW),
            Person(id="p2", created_at=NOW, erased_at=NOW + timedelta(days=1)),
            StoredText(hash=text_hash(SOURCE), text=SOURCE),
            StoredText(hash=text_hash(TEXT), text=TEXT),
        ),
        (
            Account(id=9, person_id="p1", username="reem", password_hash="$argon2id$x", language="ar",
                    created_at=NOW),
            ApiToken(person_id="p1", token_hash="0" * 64, created_at=NOW, last_used_at=NOW),
            Membership(person_id="p1", deployment_id=3, role=Role.RELEASE_ENGINEER, locales=["ar"], created_at=NOW),
            Membership(person_id="p2", role=Role.REVIEWER, locales=None, created_at=NOW),
            DeploymentLocale(deployment_id=3, locale="fr", transifex_language="fr", created_at=NOW),
            SigningKey(id="0123456789abcdef", public_key="-----BEGIN PUBLIC KEY-----\n", private_key="gAAAA-key",
                       is_current=True, created_at=NOW),
            AuditEntry(
                id=70, at=NOW, person_id="p1", actor="reem", action="a", deployment_id=3,
                detail={"half": "\ud83d", "list": [1, 2.5, None, True], "key": {"é": "ü"}},
            ),
            Snapshot(
                id=13, deployment_id=3, number=1, is_current=True, origin="file", format="configuration_json",
                source_hash="1" * 64, catalog=bytes(range(256)) * 40, unit_count=2, problems=[{"a": 1}],
                imported_at=NOW,
            ),
            Unit(
                id=5, deployment_id=3, key="form/f/name", record_key="form/f", position=1, source=SOURCE,
                source_hash=text_hash(SOURCE), context={"label": "الاسم"}, words=1, characters=7, priority=-9,
                sensitive=True, created_at=NOW, changed_at=NOW,
            ),
            CheckChoice(
                deployment_id=3, locale="fr", check_id="max_length", value="120", reason="wide", changed_at=NOW
            ),
            CheckSwitch(deployment_id=3, locale="fr", check_id="numbers", is_on=False, reason="noise", changed_at=NOW),
            GlossaryEntry(
                deployment_id=3, locale="fr", term_key="survivor", version=2, term="Survivor", accepted=["survivant"],
                forbidden=["victime"], person_id="p1", created_at=NOW,
            ),
            RecheckMark(deployment_id=3, fingerprint="6" * 64, checked_at=NOW),
            WordingRule(deployment_id=3, term="tracing", added=True, forms=["tracing", "traced"], created_at=NOW),
            ScopeRule(deployment_id=3, action=ScopeAction.TAG, pattern="*", tag="sensitive", created_at=NOW),
            PushedResource(
                deployment_id=3, slug="f", record_key="form/f", content_hash="2" * 64, string_count=2, pushed_at=NOW
            ),
            PulledPair(
                deployment_id=3, slug="f", language="fr", total=2, translated=1, reviewed=0, pulled_at=NOW
            ),
            SyncRun(
                id=21, deployment_id=3, kind=RunKind.PULL, state=RunState.RUNNING, started_at=NOW,
                outcome={"counts": {}}, owner="host/1/x/2", lease_until=NOW,
            ),
            Job(id=12, kind="push", deployment_id=3, state=JobState.DONE, result=None, created_at=NOW, ended_at=NOW),
        ),
        (
            PrimeroInstance(
                id=14, deployment_id=3, name="main", url="https://primero.example.org", sign_in=SignIn.SESSION,
                username="bridge", secret="gAAAA-password", refused_at=NOW, created_at=NOW,
            ),
            Deadline(deployment_id=3, locale="fr", day=NOW.date(), note="Go-live", person_id="p1", changed_at=NOW),
            DeadlineReminder(deployment_id=3, locale="fr", day=NOW.date(), step=7, told_at=NOW),
            ProgressSnapshot(
                deployment_id=3, locale="fr", day=NOW.date(), taken_at=NOW, total=2, words=5, translated=1,
                translated_words=3, stale=0, stale_words=0, rejected=0, rejected_words=0, approved=1, approved_words=2,
                waiting=1, waiting_words=3, with_findings=1, conflicts=1,
            ),
            DeploymentWebhook(deployment_id=3, remote_id="o:a:p:b:w:1", secret="gAAAA-webhook", created_at=NOW),
            SyncRunItem(run_id=21, outcome={"resource": "f", "locale": "fr", "result": "pulled"}),
            SyncSchedule(deployment_id=3, next_at=NOW, everything_at=NOW),
            TeamSchedule(deployment_id=3, next_at=NOW),
            Lease(name="schedule", owner="host:1:x", until=NOW),
            RequestAllowance(fingerprint="5" * 32, slot=1, used=2),
            LoginSession(
                account_id=9, token_hash="3" * 64, csrf_secret="session-secret", created_at=NOW, last_seen_at=NOW,
                expires_at=NOW + timedelta(days=1),
            ),
            PasswordLink(
                account_id=9, token_hash="4" * 64, created_at=NOW, expires_at=NOW + timedelta(days=1)
            ),
            PasswordRequest(
                account_id=9, name_hash="7" * 64, caller_hash="8" * 64, language="fr", created_at=NOW, due_at=NOW
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
            InstanceRun(
                id=31, instance_id=14, kind=InstanceRunKind.APPLY, state=InstanceRunState.GIVEN_UP, locale="fr",
                bundle="b.zip", sha256="7" * 64, person_id="p1", started_at=NOW, outside={"form/f": "8" * 64},
            ),
            StoredFinding(
                translation_id=8, check_id="numbers", severity="warning", start=0, end=1, message="m", **_HASHES
            ),
            Question(id=11, deployment_id=3, remote_id="o:a:p:b:r:f:s:c:2", string="o:a:p:b:r:f:s", language="fr",
                     locale="fr", unit_id=5, key="form/consent/name", author_id="p2", text="Qui ?",
                     state=QuestionState.OPEN, opened_at=NOW, seen_at=NOW),
            SignOff(id=15, deployment_id=3, locale="fr", number=1, snapshot_id=13, person_id="p1", name="Reem",
                    role="مراجعة", organisation="O", statement="Fit.\n", digest="6" * 64, counts={"approved": 1},
                    created_at=NOW, revoked_at=NOW, revoked_by="p2", revoke_reason="typo"),
            TextComment(unit_id=5, locale="fr", person_id="p1", text="Is this said so in Basra?", created_at=NOW),
            QueueSkip(person_id="p1", translation_id=8, version=4, created_at=NOW),
            FormClaim(deployment_id=3, locale="fr", record_key="form/consent", person_id="p1", given_by="p2",
                      taken_at=NOW, until=NOW),
            Dismissal(
                translation_id=8, check_id="numbers", start=0, end=1, message="m", person_id="p1", reason="said so",
                created_at=NOW, withdrawn_at=NOW, withdrawn_by="p2", **_HASHES,
            ),
            OutboxRow(id=6, kind=OutboxKind.ISSUE, unit_id=5, locale="fr", decision_id=40, created_at=NOW, attempts=2,
                      problem="No plan.", comment_id="o:a:p:b:r:f:s:c:1", **_HASHES),
            Decision(id=41, unit_id=5, locale="fr", kind=DecisionKind.REOPEN, reopens_id=40, person_id="p1",
                     created_at=NOW, **_HASHES),
        ),
        (
            SignOffPair(sign_off_id=15, unit_id=5, **_HASHES),
            Release(id=16, deployment_id=3, locale="fr", number=2, policy="signed-off", snapshot_id=13,
                    sign_off_id=15, job_id=12, person_id="p2", created_at=NOW, name="iraq-fr-r2-0.zip",
                    sha256="7" * 64, size=2, documents=b"\x78\x9c\x00\xff", signature="{}\n",
                    key_id="0123456789abcdef", withdrawn_at=NOW, withdraw_reason="typo"),
            InstanceRun(
                id=33, instance_id=14, kind=InstanceRunKind.ROLLBACK, state=InstanceRunState.DONE, locale="fr",
                bundle="b.zip", sha256="7" * 64, of_run_id=31, started_at=NOW, left_out=[{"key": "form/f/name"}],
            ),
            InstanceLook(
                id=18, deployment_id=3, instance_id=14, kind=LookKind.ROLLBACK, locale="fr", release=2, of_run_id=31,
                against="main", person_id="p1", created_at=NOW, counts={"requests": 1}, content=b"\x78\x9c\x00\xff",
            ),
            InstanceRunRecord(
                run_id=31, position=0, record_key="form/f", kind="form", number=7, state=WriteState.DIFFERS,
                before={"half": "\ud83d"}, after={"name": {"fr": TEXT}}, body={}, keys=["form/f/name"],
            ),
            QuestionComment(question_id=11, remote_id="o:a:p:b:r:f:s:c:3", author_id="p2", text="?", written_at=NOW),
            QuestionReply(id=12, question_id=11, kind=ReplyKind.ANSWER, person_id="p1", text="Eux.", created_at=NOW),
            Decision(id=44, unit_id=5, locale="fr", kind=DecisionKind.APPROVE, person_id="p1", comment="ça va",
                     created_at=NOW, **_HASHES),
        ),
        (
            ReleasePair(release_id=16, unit_id=5, position=0, **_HASHES),
            ReleaseFetch(id=17, release_id=16, person_id="p1", actor="", client="curl/8", fetched_at=NOW),
        ),
        (
            Volunteer(id=21, deployment_id=3, person_id="p1", note="evenings", registered_at=NOW, told_until=44),
            TeamMember(deployment_id=3, person_id="p1", locale="fr", role="translator"),
            TeamLook(deployment_id=3, team="o:a:t:v", looked_at=NOW),
            PeopleSettings(deployment_id=3, show_numbers=True, keep_months=24),
            LetterTemplate(
                deployment_id=3, kind=LetterKind.WELCOME, locale="fr", role="", subject="Salut", body="{forms}",
                changed_at=NOW,
            ),
            MailMessage(
                deployment_id=3, person_id="p1", kind="welcome", key="welcome/3/p1", locale="fr", subject="Salut",
                text="…", state=MailState.WAITING, created_at=NOW, due_at=NOW,
            ),
            MailStop(person_id="p2", stopped_at=NOW),
            Announcement(
                id=70, deployment_id=3, key="k-70", kind=EventKind.RELEASED, locale="fr", number=1,
                counts={"texts": 1, "translated": 1, "approved": 1}, at=NOW,
            ),
            AnnouncementMark(
                deployment_id=3, locale="fr", translated=1, approved=1, translated_at=NOW, sign_off=1, release=1
            ),
            # A restored database tells nobody.
            WebhookTarget(
                id=71, deployment_id=3, url="https://hooks.example.org/", secret="encrypted",
                state=TargetState.STOPPED, person_id="p1", created_at=NOW, last_id=70, ping="k-71", attempts=2,
                next_at=NOW, delivered_at=NOW, failing_since=NOW, problem="no",
            ),
            Contribution(
                deployment_id=3, unit_id=5, locale="fr", text_hash=text_hash(TEXT), author_id="p2", words=1,
                written_at=NOW,
            ),
        ),
        (VolunteerLanguage(volunteer_id=21, locale="fr", role=VolunteerRole.REVIEWER),),
    )  # fmt: skip
    for group in groups:
        with database.write() as session:
            session.add_all(group)
            before_commit(session, seal_entries)


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
