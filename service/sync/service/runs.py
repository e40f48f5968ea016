"""Runs: one at a time for a deployment, each recorded from its start to its end, however it ends."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.audit.service import Actor, write_audit
from service.db import Database
from service.deployments.client import as_service_error, find_project
from service.deployments.models import Deployment
from service.deployments.service import find_active_deployment
from service.errors import ServiceError
from service.jobs.models import Job
from service.jobs.runner import JobCancelled
from service.sync.models import RunKind, RunState, SyncRun, SyncRunItem
from service.sync.rules.formats import FORMATS, TextFormat
from service.sync.service.holding import (
    LEASE,
    RunTakenOver,
    close_run,
    keeping_lease,
    plan_items,
    renew_lease,
    start_run,
)
from transifex_client import TransifexClient
from transifex_client.errors import DeadlineExceeded, NoAnswer, RateLimited, ServerError, TransifexError, Unauthorised

Progress = Callable[[int, int, str], None]
"""Called as ``on_progress(done, total, what)`` whenever one more resource or pair is done."""

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
    def format(self) -> TextFormat:
        """Return the format in which the deployment's texts lie on Transifex."""
        return FORMATS[self.deployment.transifex_format]

    @property
    def requests(self) -> int:
        """Return how many requests the run has sent so far."""
        return self.client.requests_sent - self.requests_before

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session in a write transaction of the run, which holds its deployment before and after it.

        Raises:
            RunTakenOver: another run has the deployment by now; nothing is written.
        """
        with self.database.write() as session:
            row = renew_lease(session, self.id, self.requests, self.clock())
            yield session
            # The block may have taken its time.
            row.lease_until = self.clock() + LEASE
            session.add(row)

    def give_sign(self) -> None:
        """Make sure, before Transifex is told something, that the run still has its deployment.

        Raises:
            RunTakenOver: it has not.
        """
        with self.write():
            pass

    def plan(self, items: Iterable[dict[str, Any]]) -> None:
        """Write down what the run is to deal with: items with a ``resource``, and a ``locale`` where they have one."""
        if planned := list(items):
            with self.write() as session:
                plan_items(session.get_one(SyncRun, self.id), planned)

    def note(self, session: Session, item: dict[str, Any]) -> dict[str, Any]:
        """Write down, in the transaction of what it tells of, one outcome; return it."""
        session.add(SyncRunItem(run_id=self.id, outcome=item))
        return item

    def finish(self, state: RunState, message: str, outcome: dict[str, Any] | None) -> RunReport:
        """Record how the run ended, and return that; without an outcome what was noted until then.

        Raises:
            RunTakenOver: another run recorded it as dead before.
        """
        now = self.clock()
        with self.database.write() as session:
            row = renew_lease(session, self.id, self.requests, now)
            close_run(session, row, state, message, self.requests, now, outcome)
            detail = {"run": self.id, "state": state.value, "requests": row.requests}
            write_audit(
                session, self.actor, f"sync.{self.kind.value}", now,
                deployment_id=self.deployment_id, subject=self.project, detail=detail,
            )  # fmt: skip
        return RunReport(self.id, self.kind, state, self.requests, row.message, row.outcome)

    def keep(self) -> None:
        """Keep the deployment for the run; called beside it, while it waits for Transifex."""
        with self.database.write() as session:
            renew_lease(session, self.id, self.requests, self.clock())


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
    locale: str | None = None,
) -> Iterator[OpenRun]:
    """Start a run, yield it, and record it as failed if the block ends with an error.

    ``job``: the one that this is the work of; its lease is the run's. ``locale``: the only one that it is about.

    Raises:
        NotFound: there is no such deployment.
        Refused: it is archived, has no Transifex project, or another run is under way.
        ServiceError: what Transifex did that ended the run, in our words.
    """
    with database.write() as session:
        deployment = find_active_deployment(session, deployment_slug)
        project = find_project(deployment)
        assert deployment.id is not None
        now = clock()
        row = SyncRun(
            deployment_id=deployment.id,
            kind=kind,
            locale=locale,
            state=RunState.RUNNING,
            person_id=actor.person_id,
            started_at=now,
        )
        start_run(session, deployment, row, job, now)
    assert row.id is not None
    run = OpenRun(
        row.id, kind, deployment, project, database, client, clock, actor, on_progress, client.requests_sent
    )  # fmt: skip
    with nullcontext() if job is not None else keeping_lease(run.keep, lambda: run.requests), _recording(run):
        yield run


@contextmanager
def _recording(run: OpenRun) -> Iterator[None]:
    try:
        yield
    except RunTakenOver:
        # Whoever took over recorded the end of this one.
        raise
    except JobCancelled:
        run.finish(RunState.CANCELLED, "It was cancelled; what was done until then is kept.", None)
        raise
    except ServiceError as error:
        run.finish(RunState.FAILED, error.message, None)
        raise
    except TransifexError as error:
        translated = as_service_error(error)
        run.finish(RunState.FAILED, translated.message, None)
        raise translated from error
    except BaseException as error:
        run.finish(RunState.FAILED, f"The run was stopped before its end ({type(error).__name__}).", None)
        raise


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
