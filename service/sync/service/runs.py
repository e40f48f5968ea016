"""Runs: one at a time for a deployment, each recorded from its start to its end, however it ends."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from service.audit.service import Actor, write_audit
from service.db import Database
from service.deployments.client import as_service_error, find_project
from service.deployments.models import Deployment
from service.deployments.service import find_active_deployment
from service.errors import Refused, ServiceError
from service.jobs.models import Job
from service.jobs.runner import JobCancelled
from service.jobs.service import is_held
from service.sync.models import RunKind, RunState, SyncRun
from transifex_client import TransifexClient
from transifex_client.errors import DeadlineExceeded, NoAnswer, RateLimited, ServerError, TransifexError, Unauthorised

STALE_AFTER = timedelta(minutes=30)
"""A running run that gave no sign for so long is dead: longer than the client waits for any single thing."""

Progress = Callable[[int, int, str], None]
"""Called as ``on_progress(done, total, what)`` whenever one more resource or pair is done."""

_ALIVE_AT, _JOB, _OWNER = "alive_at", "job", "owner"
_MESSAGE = 2000
_PATIENCE = 3


def no_progress(_done: int, _total: int, _what: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run ended: its counts and per-item outcomes, what it cost in requests, and one message in words."""

    run_id: int
    kind: RunKind
    state: RunState
    requests: int
    message: str
    outcome: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class OpenRun:
    """A run under way. ``deployment`` is as it was at the start."""

    id: int
    kind: RunKind
    deployment: Deployment
    project: str
    database: Database
    client: TransifexClient
    clock: Callable[[], datetime]
    actor: Actor
    on_progress: Progress
    requests_before: int

    @property
    def deployment_id(self) -> int:
        """Return the deployment's id."""
        assert self.deployment.id is not None
        return self.deployment.id

    @property
    def requests(self) -> int:
        """Return how many requests the run has sent so far."""
        return self.client.requests_sent - self.requests_before

    def give_sign(self, session: Session) -> None:
        """Write down, within the caller's transaction, that the run is alive."""
        row = session.get_one(SyncRun, self.id)
        row.outcome = {**row.outcome, _ALIVE_AT: self.clock().isoformat()}
        row.requests = self.requests
        session.add(row)

    def finish(self, state: RunState, message: str, outcome: dict[str, Any]) -> RunReport:
        """Record how the run ended, and return that."""
        now = self.clock()
        with self.database.write() as session:
            row = session.get_one(SyncRun, self.id)
            row.state, row.ended_at, row.requests = state, now, self.requests
            row.message, row.outcome = message[:_MESSAGE], outcome
            session.add(row)
            detail = {"run": self.id, "state": state.value, "requests": row.requests}
            write_audit(
                session, self.actor, f"sync.{self.kind.value}", now,
                deployment_id=self.deployment_id, subject=self.project, detail=detail,
            )  # fmt: skip
        return RunReport(self.id, self.kind, state, self.requests, message[:_MESSAGE], outcome)


@contextmanager
def open_run(
    database: Database,
    client: TransifexClient,
    kind: RunKind,
    *,
    deployment_slug: str,
    actor: Actor,
    clock: Callable[[], datetime],
    on_progress: Progress,
    job: Job | None = None,
) -> Iterator[OpenRun]:
    """Start a run, yield it, and record it as failed if the block ends with an error.

    ``job``: the one that this is the work of; once its worker is gone, the run counts as dead.

    Raises:
        NotFound: there is no such deployment.
        Refused: it is archived, has no Transifex project, or another run is under way.
        ServiceError: what Transifex did that ended the run, in our words.
    """
    with database.write() as session:
        deployment = find_active_deployment(session, deployment_slug)
        project = find_project(deployment)
        row = _start(session, deployment, kind, actor, clock(), job)
    assert row.id is not None
    run = OpenRun(
        row.id, kind, deployment, project, database, client, clock, actor, on_progress, client.requests_sent
    )  # fmt: skip
    try:
        yield run
    except JobCancelled:
        run.finish(RunState.CANCELLED, "It was cancelled; what was done until then is kept.", {})
        raise
    except ServiceError as error:
        run.finish(RunState.FAILED, error.message, {})
        raise
    except TransifexError as error:
        translated = as_service_error(error)
        run.finish(RunState.FAILED, translated.message, {})
        raise translated from error
    except BaseException as error:
        run.finish(RunState.FAILED, f"The run was stopped before its end ({type(error).__name__}).", {})
        raise


def _start(
    session: Session, deployment: Deployment, kind: RunKind, actor: Actor, now: datetime, job: Job | None
) -> SyncRun:
    # Two that start at the same moment wait here for each other; on SQLite there is one writer anyway.
    session.exec(select(Deployment.id).where(Deployment.id == deployment.id).with_for_update()).one()
    query = select(SyncRun).where(SyncRun.deployment_id == deployment.id, SyncRun.state == RunState.RUNNING)
    for other in session.exec(query).all():
        if now - _alive_at(other) < STALE_AFTER and not _lost_its_worker(session, other, now):
            raise Refused(
                f"A {other.kind.value} of {deployment.slug!r} is running since {other.started_at:%H:%M} UTC: "
                "wait until it has ended."
            )
        other.state, other.ended_at = RunState.FAILED, now
        other.message = "The run gave no sign of life any more: it was killed, or its machine went down."
        session.add(other)
    assert deployment.id is not None
    row = SyncRun(
        deployment_id=deployment.id, kind=kind, state=RunState.RUNNING, person_id=actor.person_id, started_at=now,
        outcome={} if job is None else {_JOB: job.id, _OWNER: job.owner},
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _lost_its_worker(session: Session, run: SyncRun, now: datetime) -> bool:
    """Return whether the run belongs to a job that its worker has no more: it ended, or the worker's lease did."""
    number, owner = run.outcome.get(_JOB), run.outcome.get(_OWNER)
    if number is None:
        return False
    job = session.get(Job, number)
    return job is None or job.owner != owner or not is_held(job, now)


def _alive_at(run: SyncRun) -> datetime:
    given = run.outcome.get(_ALIVE_AT)
    return datetime.fromisoformat(given) if given else run.started_at


@dataclass(slots=True)
class Patience:
    """Decides when Transifex is so unwell that the rest of a run is not worth a try."""

    failures: int = 0

    def note(self, error: TransifexError | None) -> None:
        """Take note of how one more item went."""
        if isinstance(error, Unauthorised):
            self.failures = _PATIENCE
        elif isinstance(error, NoAnswer | DeadlineExceeded | ServerError | RateLimited):
            self.failures += 1
        elif not self.exhausted:
            self.failures = 0

    @property
    def exhausted(self) -> bool:
        """Return whether to give up."""
        return self.failures >= _PATIENCE


def judge(failed: int, others: int, *, changed: bool) -> RunState:
    """Return the state of a run in which so many items failed and so many others were dealt with."""
    if failed:
        return RunState.PARTLY if others else RunState.FAILED
    return RunState.DONE if changed else RunState.NO_CHANGES


def in_words(about: str, parts: Iterable[tuple[int, str]]) -> str:
    """Return "Resources: 3 created, 1 failed." of the parts that are not zero, "" when all are."""
    said = ", ".join(f"{number} {words}" for number, words in parts if number)
    return f"{about}: {said}." if said else ""
