"""Running jobs from the ledger: in the service's own process, or in any number of workers."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from service.db import Database
from service.errors import ServiceError
from service.jobs.models import Job
from service.jobs.service import claim_job, finish_job, renew_job

log = logging.getLogger(__name__)


class JobTakenOver(Exception):
    """The lease ended and another worker has the job: stop working on it."""


class Handler(Protocol):
    """What runs a job of one kind. It must be safe to run again after it died anywhere."""

    def __call__(self, job: Job, progress: Callable[[int, int], None]) -> Mapping[str, Any]:
        """Do the work, calling ``progress(done, total)`` at least twice a minute; return facts about what was done."""
        ...


@dataclass(frozen=True)
class Runner:
    """Claims and runs jobs one after another. ``owner`` names this process and thread in the ledger."""

    database: Database
    handlers: Mapping[str, Handler]
    owner: str
    clock: Callable[[], datetime]

    def run_one(self) -> bool:
        """Run one job if one is due; return whether there was one."""
        with self.database.write() as session:
            job = claim_job(session, self.owner, kinds=list(self.handlers), now=self.clock())
            if job is None:
                return False
            session.expunge(job)
        assert job.id is not None
        try:
            result = self.handlers[job.kind](job, lambda done, total: self._progress(job, done, total))
        except JobTakenOver:
            return True
        except ServiceError as error:
            self._finish(job.id, None, error.message, failed=True)
        except Exception as error:  # the job loop: one broken job must not stop the others
            log.exception("job %s (%s) failed", job.id, job.kind)
            self._finish(job.id, None, f"It failed unexpectedly ({type(error).__name__}); see the log.", failed=True)
        else:
            self._finish(job.id, result, "", failed=False)
        return True

    def _progress(self, job: Job, done: int, total: int) -> None:
        assert job.id is not None
        with self.database.write() as session:
            if not renew_job(session, job.id, self.owner, done=done, total=total, now=self.clock()):
                raise JobTakenOver

    def _finish(self, job_id: int, result: Mapping[str, Any] | None, message: str, *, failed: bool) -> None:
        with self.database.write() as session:
            finish_job(session, job_id, self.owner, result=result, message=message, failed=failed, now=self.clock())

    def run_until(self, stop: threading.Event, *, pause: float = 1.0) -> None:
        """Run jobs until ``stop`` is set, looking for new ones every ``pause`` seconds."""
        while not stop.is_set():
            if not self.run_one():
                stop.wait(pause)
