"""Running jobs from the ledger: in the service's own process, or in any number of workers."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from service.db import Database
from service.errors import ServiceError
from service.jobs.models import Job, JobState
from service.jobs.service import LEASE, claim_job, end_cancelled_job, finish_job, has_due_job, release_job, renew_job

log = logging.getLogger(__name__)


class JobTakenOver(Exception):
    """The lease ended and another worker has the job: stop working on it."""


class WorkerStopping(Exception):
    """The worker was told to end: stop here, and another one goes on."""


class JobCancelled(Exception):
    """Somebody cancelled the job: stop here, and keep what was done."""


class Progress(Protocol):
    """What a handler tells how far it is, and hears when to stop."""

    def __call__(self, done: int, total: int) -> None:
        """Record progress, between any two steps; raises when the handler has to stop."""
        ...

    def check(self) -> None:
        """Raise, within a step that takes too long, what ends the handler; costs nothing, so call it often."""
        ...


class Handler(Protocol):
    """What runs a job of one kind. It must be safe to run again after it died anywhere."""

    def __call__(self, job: Job, progress: Progress) -> Mapping[str, Any]:
        """Do the work, calling ``progress`` between steps; return facts about what was done, for JSON.

        ``job.attempts`` above 1 says that other workers died on it before.
        """
        ...


@dataclass(frozen=True)
class Runner:
    """Claims and runs jobs one after another.

    Attributes:
        owner: names this runner, and no other one ever, in the ledger.
        beat: seconds between two renewals of the lease while a job runs.
        patience: seconds after which a job that made no progress is left to whoever takes it over.
        grace: seconds that a step under way gets to end by itself once the job is to stop.
    """

    database: Database
    handlers: Mapping[str, Handler]
    owner: str
    clock: Callable[[], datetime]
    beat: float = LEASE.total_seconds() / 4
    patience: float = 1800.0
    grace: float = 20.0

    def run_one(self, stop: threading.Event | None = None) -> bool:
        """Run one job if one is due; return whether there was one. ``stop`` ends it between two of its steps."""
        job = self._claim()
        if job is None:
            return False
        assert job.id is not None
        work = _Work(self, job.id, stop or threading.Event())
        try:
            with work.keeping_lease():
                result = self.handlers[job.kind](job, work)
        except JobTakenOver:
            log.warning("job %s (%s) was taken over by another worker", job.id, job.kind)
        except WorkerStopping:
            with self.database.write() as session:
                release_job(session, job.id, self.owner, now=self.clock())
        except JobCancelled:
            with self.database.write() as session:
                end_cancelled_job(session, job.id, self.owner, now=self.clock())
        except ServiceError as error:
            self._finish(job.id, None, error.message, failed=True)
        except Exception as error:  # the job loop: one broken job must not stop the others
            log.exception("job %s (%s) failed", job.id, job.kind)
            self._finish(job.id, None, f"It failed unexpectedly ({type(error).__name__}); see the log.", failed=True)
        else:
            self._finish(job.id, result, "", failed=False)
        return True

    def _claim(self) -> Job | None:
        kinds = list(self.handlers)
        with self.database.read() as session:
            if not has_due_job(session, kinds=kinds, now=self.clock()):
                return None
        with self.database.write() as session:
            job = claim_job(session, self.owner, kinds=kinds, now=self.clock())
            if job is not None:
                session.expunge(job)
        return job

    def _finish(self, job_id: int, result: Mapping[str, Any] | None, message: str, *, failed: bool) -> None:
        with self.database.write() as session:
            finish_job(session, job_id, self.owner, result=result, message=message, failed=failed, now=self.clock())

    def run_due(self, stop: threading.Event) -> None:
        """Run jobs until none is due, ``stop`` is set, or the database does not answer.

        The lease says what becomes of a job that the database cut off.
        """
        try:
            while not stop.is_set() and self.run_one(stop):
                pass
        except SQLAlchemyError as error:
            # Its own text can hold rows of the database.
            log.error("jobs wait: the database cannot be used (%s)", type(error).__name__)


class _Work:
    """One job under way: tells the ledger that its worker lives, and the handler when to stop."""

    def __init__(self, runner: Runner, job_id: int, stop: threading.Event) -> None:
        self._runner = runner
        self._job_id = job_id
        self._stop = stop
        self._ended = threading.Event()
        self._moved_at = time.monotonic()
        self._state: JobState | None = JobState.RUNNING
        self._told_at: float | None = None

    def __call__(self, done: int, total: int) -> None:
        """Record progress and keep the lease.

        Raises:
            JobTakenOver: another worker has the job.
            JobCancelled: somebody cancelled it.
            WorkerStopping: this worker is to end.
        """
        self._moved_at = time.monotonic()
        state = self._renew((done, total))
        if state is None:
            raise JobTakenOver
        # Whatever was to be cancelled is done where nothing is left.
        if state is JobState.CANCELLING and done < total:
            raise JobCancelled
        if self._stop.is_set():
            raise WorkerStopping

    def check(self) -> None:
        """Stop in the middle of a step, once it had its grace. Safe to call from any thread.

        Raises:
            JobTakenOver: another worker has the job.
            JobCancelled: somebody cancelled it.
            WorkerStopping: this worker is to end.
        """
        if self._state is None:
            raise JobTakenOver
        if self._state is not JobState.CANCELLING and not self._stop.is_set():
            return
        now = time.monotonic()
        self._told_at = self._told_at or now
        if now - self._told_at < self._runner.grace:
            return
        raise JobCancelled if self._state is JobState.CANCELLING else WorkerStopping

    @contextlib.contextmanager
    def keeping_lease(self) -> Iterator[None]:
        """Keep the lease while the block runs: a single step may take longer than a lease."""
        thread = threading.Thread(target=self._beat, name=f"lease-{self._job_id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(self._runner.beat):
            if time.monotonic() - self._moved_at > self._runner.patience:
                log.error("job %s made no progress for %.0f s: its lease ends", self._job_id, self._runner.patience)
                return
            try:
                if self._renew(None) is None:
                    return
            except SQLAlchemyError as error:
                log.warning("the lease of job %s was not renewed (%s)", self._job_id, type(error).__name__)

    def _renew(self, progress: tuple[int, int] | None) -> JobState | None:
        runner = self._runner
        with runner.database.write() as session:
            self._state = renew_job(session, self._job_id, runner.owner, now=runner.clock(), progress=progress)
        return self._state
