"""Who alone exchanges texts for a deployment, for how long, and what is known of a run that ended without saying so."""

import contextlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, delete, select

from service.auth.models import Person
from service.deployments.models import Deployment
from service.errors import Refused
from service.jobs.models import Job
from service.jobs.processes import describe_process, is_gone, name_process
from service.jobs.service import is_held
from service.sync.models import RunState, SyncRun, SyncRunItem
from service.tally.service import RUNS, count

LEASE = timedelta(seconds=60)
"""A run by hand whose process did not renew its lease for so long is dead."""

BEAT = LEASE.total_seconds() / 4
PATIENCE = 1800.0
"""A process that sent no request and wrote nothing for so long (s) hangs, though it renews its lease.

Twice as long as the client waits for any single thing, retries and throttling included.
"""

_JOB, _PLANNED = "job", "planned"
_MESSAGE = 2000
_log = logging.getLogger(__name__)


class RunTakenOver(Refused):
    """The run gave no sign of life for too long, and another one began: it must not write any more."""

    def __init__(self) -> None:
        super().__init__(
            "Another push or pull took over, because this one gave no sign of life for too long: look at its outcome, "
            "then repeat this one."
        )


def start_run(session: Session, deployment: Deployment, run: SyncRun, job: Job | None, now: datetime) -> None:
    """Write down the run and take the deployment for it; end those that are dead.

    Raises:
        Refused: another run is under way; says whose and until when it holds the deployment.
    """
    refuse_while_running(session, deployment, now)
    run.owner = name_process() if job is None else job.owner
    run.lease_until = now + LEASE
    run.outcome = {} if job is None else {_JOB: job.id}
    session.add(run)
    session.flush()


def refuse_while_running(session: Session, deployment: Deployment, now: datetime) -> None:
    """Hold the deployment for this transaction and see to it that no run of it is under way; end those that are dead.

    Raises:
        Refused: another run is under way; says whose and until when it holds the deployment.
    """
    # Two that start at the same moment wait here for each other; on SQLite there is one writer anyway.
    session.exec(select(Deployment.id).where(Deployment.id == deployment.id).with_for_update()).one()
    query = select(SyncRun).where(SyncRun.deployment_id == deployment.id, SyncRun.state == RunState.RUNNING)
    for other in session.exec(query.with_for_update()).all():
        free_at = _free_at(session, other, now)
        if free_at is not None:
            raise Refused(_say_busy(session, deployment, other, free_at))
        message = "The run gave no sign of life any more: it was killed, or its machine went down."
        close_run(session, other, RunState.FAILED, message, other.requests, now)


def _free_at(session: Session, run: SyncRun, now: datetime) -> datetime | None:
    """Return until when the run holds its deployment if nothing renews that; None when it is dead."""
    number = run.outcome.get(_JOB)
    if number is not None:
        # A job's own lease counts: its worker's next try must find the deployment free.
        job = session.get(Job, number)
        held = job is not None and job.owner == run.owner and is_held(job, now)
        return job.lease_until if job is not None and held else None
    if run.lease_until is None or run.lease_until < now or is_gone(run.owner or ""):
        return None
    return run.lease_until


def _say_busy(session: Session, deployment: Deployment, run: SyncRun, free_at: datetime) -> str:
    person = session.get(Person, run.person_id) if run.person_id else None
    name = person.name if person is not None and person.name else ""
    by = f"by {name}, " if name else ""
    number = run.outcome.get(_JOB)
    where = describe_process(run.owner or "") if number is None else f"job {number}"
    end = "" if number is None else f", or end it with `primero-bridge job cancel {number}`"
    return (
        f"A {run.kind.value} of {deployment.slug!r} is running since {run.started_at:%H:%M} UTC ({by}{where}): wait "
        f"until it has ended{end}. If it was killed, the next one can start after {free_at:%H:%M:%S} UTC."
    )


def renew_lease(session: Session, run_id: int, requests: int, now: datetime) -> SyncRun:
    """Keep the deployment for the run, within the caller's transaction; return the run's row, locked.

    Raises:
        RunTakenOver: another run has it.
    """
    row = session.get_one(SyncRun, run_id, with_for_update=True)
    if row.state is not RunState.RUNNING:
        raise RunTakenOver
    row.lease_until, row.requests = now + LEASE, requests
    session.add(row)
    return row


@contextlib.contextmanager
def keeping_lease(renew: Callable[[], None], sign: Callable[[], object], *, beat: float = BEAT) -> Iterator[None]:
    """Call ``renew`` every ``beat`` seconds while the block runs: a single request may take longer than a lease.

    Args:
        renew: keeps the lease; may raise :class:`RunTakenOver`, which the run itself notices before it writes.
        sign: returns something that changes as the run goes on; when it stays the same for :data:`PATIENCE`, the run
            hangs and its lease is left to end.
        beat: seconds.
    """
    ended = threading.Event()

    def keep() -> None:
        seen, since = sign(), time.monotonic()
        while not ended.wait(beat):
            if (now := sign()) != seen:
                seen, since = now, time.monotonic()
            if time.monotonic() - since > PATIENCE:
                _log.error("a run of push or pull made no progress for %.0f s: its lease ends", PATIENCE)
                return
            try:
                renew()
            except RunTakenOver:
                return
            except SQLAlchemyError as error:
                _log.warning("the lease of a run was not renewed (%s)", type(error).__name__)

    thread = threading.Thread(target=keep, name="run-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def plan_items(row: SyncRun, planned: list[dict[str, Any]]) -> None:
    """Keep what the run is about to deal with, so that what it did not reach can be told when it is killed."""
    row.outcome = {**row.outcome, _PLANNED: planned}


def close_run(
    session: Session,
    row: SyncRun,
    state: RunState,
    message: str,
    requests: int,
    now: datetime,
    outcome: dict[str, Any] | None = None,
) -> None:
    """Record how the run ended. Without an ``outcome`` it is what was noted on the way, and the rest of the plan.

    The items that were written down one by one stand in the outcome from then on.
    """
    if outcome is None:
        outcome = _outcome_so_far(session, row)
        counts = ", ".join(f"{number} {result}" for result, number in outcome.get("counts", {}).items())
        message = f"{message} Until then: {counts}." if counts else message
    row.state, row.ended_at, row.requests = state, now, requests
    row.message, row.outcome, row.lease_until = message[:_MESSAGE], outcome, None
    session.add(row)
    session.exec(delete(SyncRunItem).where(col(SyncRunItem.run_id) == row.id))
    session.flush()
    count(session, RUNS, row.kind.value, state.value)


def _outcome_so_far(session: Session, row: SyncRun) -> dict[str, Any]:
    query = select(SyncRunItem.outcome).where(SyncRunItem.run_id == row.id).order_by(col(SyncRunItem.id))
    items = list(session.exec(query))
    reached = {_place(item) for item in items}
    rest = [
        {**planned, "result": "not-reached", "message": ""}
        for planned in row.outcome.get(_PLANNED, ())
        if _place(planned) not in reached
    ]
    if not items and not rest:
        return {}
    return {"counts": dict(Counter(item["result"] for item in (*items, *rest))), "items": [*items, *rest]}


def _place(item: Mapping[str, Any]) -> tuple[Any, Any]:
    return item["resource"], item.get("locale")
