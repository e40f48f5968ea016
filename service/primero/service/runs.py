"""Runs that write to an instance: one at a time, kept from before the first request, resumable wherever they died."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select, update

from service.audit.service import Actor, write_audit
from service.db import Database
from service.errors import NotFound, Refused
from service.jobs.processes import describe_process, is_gone, name_process
from service.primero.models import (
    InstanceRun,
    InstanceRunKind,
    InstanceRunRecord,
    InstanceRunState,
    PrimeroInstance,
    WriteState,
)
from service.primero.plan import Plan
from service.primero.rules.reasons import MENDS, Why
from service.sync.service.holding import keeping_lease

LEASE = timedelta(seconds=60)

_MESSAGE = 2000


class RunTakenOver(Refused):
    """Another process goes on with the run: this one must not write any more."""

    def __init__(self) -> None:
        super().__init__("Another process went on with this run, because this one gave no sign of life for too long.")


class InstanceBusy(Refused):
    """Another process writes to the instance now."""


@dataclass(frozen=True, slots=True)
class InstanceReport:
    """How a run ended: every record with its state, what was left out, and what else was seen."""

    run_id: int
    kind: InstanceRunKind
    state: InstanceRunState
    locale: str
    message: str
    requests: int
    records: tuple[dict[str, Any], ...]
    left_out: tuple[dict[str, str], ...]
    notes: tuple[str, ...]
    resumed: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """Return how many records ended in each state."""
        return dict(Counter(record["state"] for record in self.records))

    @property
    def texts(self) -> int:
        """Return how many texts were written."""
        return sum(record["texts"] for record in self.records if record["state"] == WriteState.WRITTEN)

    @property
    def is_whole(self) -> bool:
        """Return whether everything that was to be written was written."""
        return self.state is InstanceRunState.DONE and set(self.counts) <= {WriteState.WRITTEN.value}

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "run": self.run_id,
            "kind": self.kind.value,
            "state": self.state.value,
            "resumed": self.resumed,
            "locale": self.locale,
            "texts": self.texts,
            "counts": self.counts,
            "requests": self.requests,
            "message": self.message,
            "records": list(self.records),
            "left_out": [left_out_data(row["key"], Why(row["why"])) for row in self.left_out],
            "notes": list(self.notes),
        }


def left_out_data(key: str, why: Why) -> dict[str, str]:
    """Return a text that was left out as plain values, with the way on."""
    return {"key": key, "why": why.value, "mend": MENDS[why]}


@dataclass(slots=True)
class OpenRun:
    """A run under way, held by this process."""

    id: int
    database: Database
    clock: Callable[[], datetime]
    requests: Callable[[], int]
    records: list[InstanceRunRecord] = field(default_factory=list)
    _noted: list[InstanceRunRecord] = field(default_factory=list)

    @contextlib.contextmanager
    def write(self) -> Iterator[tuple[Session, InstanceRun]]:
        """Yield a session in a write transaction of the run, and its row.

        Raises:
            RunTakenOver: another process has the run by now; nothing is written.
        """
        with self.database.write() as session:
            row = session.get_one(InstanceRun, self.id, with_for_update=True)
            if row.state is not InstanceRunState.RUNNING or row.owner != name_process():
                raise RunTakenOver
            row.lease_until, row.requests = self.clock() + LEASE, self.requests()
            session.add(row)
            yield session, row

    def note(self, record: InstanceRunRecord, state: WriteState, differences: Sequence[str] = ()) -> None:
        """Write down how a record stands, before anything further is sent."""
        self.note_soon(record, state, differences)
        self.flush()

    def note_soon(self, record: InstanceRunRecord, state: WriteState, differences: Sequence[str] = ()) -> None:
        """Write down how a record stands with the next note: whoever goes on without it looks, and finds out."""
        record.state, record.differences = state, list(differences)
        self._noted.append(record)

    def flush(self) -> None:
        """Write down what was to be noted soon."""
        noted, self._noted = self._noted, []
        if not noted:
            return
        with self.write() as (session, _):
            for record in noted:
                # The whole row holds documents that nobody needs here.
                values = {"state": record.state, "differences": record.differences}
                session.exec(update(InstanceRunRecord).where(col(InstanceRunRecord.id) == record.id).values(**values))

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Keep the run for this process while the block runs; leave it to the next one when the block raises."""
        try:
            with keeping_lease(self._renew, self.requests):
                yield
        except BaseException:
            with contextlib.suppress(RunTakenOver), self.write() as (session, row):
                row.owner, row.lease_until = None, None
                session.add(row)
            raise

    def _renew(self) -> None:
        with contextlib.suppress(RunTakenOver), self.write():
            pass


def find_unfinished(session: Session, instance: PrimeroInstance, now: datetime) -> InstanceRun | None:
    """Return the run of an instance that has not ended and that nobody works on, None where there is none.

    Raises:
        InstanceBusy: somebody does.
    """
    # Two that start at the same moment wait here for each other; on SQLite there is one writer anyway.
    session.exec(select(PrimeroInstance.id).where(PrimeroInstance.id == instance.id).with_for_update()).one()
    query = select(InstanceRun).where(
        InstanceRun.instance_id == instance.id, InstanceRun.state == InstanceRunState.RUNNING
    )
    row = session.exec(query.order_by(col(InstanceRun.id))).first()
    if row is not None and row.lease_until is not None and is_worked_on(row, now):
        raise InstanceBusy(
            f"Run {row.id} writes to {instance.name!r} since {row.started_at:%H:%M} UTC "
            f"({describe_process(row.owner or '')}): wait until it has ended. If it was killed, the next one can go on "
            f"after {row.lease_until:%H:%M:%S} UTC."
        )
    return row


def is_worked_on(row: InstanceRun, now: datetime) -> bool:
    """Return whether a process that is not known to be gone has the run."""
    return row.lease_until is not None and row.lease_until >= now and not is_gone(row.owner or "")


def start_run(
    session: Session, instance: PrimeroInstance, row: InstanceRun, plan: Plan, *, actor: Actor, now: datetime
) -> list[InstanceRunRecord]:
    """Write down a run with everything that it will touch, as it is now, and with every request; return its records."""
    row.owner, row.lease_until, row.person_id = name_process(), now + LEASE, actor.person_id
    row.left_out = [{"key": one.key, "why": one.why.value} for one in plan.left_out]
    session.add(row)
    session.flush()
    assert row.id is not None
    records = [
        InstanceRunRecord(
            run_id=row.id,
            position=position,
            record_key=one.key,
            kind=one.kind.value,
            number=one.number,
            state=WriteState.PLANNED,
            before=one.before,
            after=one.after,
            body=one.body,
            keys=list(one.keys),
        )
        for position, one in enumerate(plan.records)
    ]
    session.add_all(records)
    detail = {"run": row.id, "sha256": row.sha256, "locale": row.locale, "records": len(records), "of": row.of_run_id}
    detail |= {"texts": sum(len(one.keys) for one in records), "left_out": len(row.left_out)}
    _audit(session, instance, f"bundle.{row.kind.value}", actor, now, {**detail, "options": row.options})
    session.flush()
    return records


def resume_run(session: Session, row: InstanceRun, now: datetime) -> list[InstanceRunRecord]:
    """Take over a run that died; return its records."""
    row.owner, row.lease_until = name_process(), now + LEASE
    session.add(row)
    session.flush()
    return list(list_records(session, row))


def list_records(session: Session, row: InstanceRun) -> Sequence[InstanceRunRecord]:
    """Return the records of a run in their order."""
    query = select(InstanceRunRecord).where(InstanceRunRecord.run_id == row.id)
    return session.exec(query.order_by(col(InstanceRunRecord.position))).all()


def close_run(
    session: Session,
    instance: PrimeroInstance,
    row: InstanceRun,
    state: InstanceRunState,
    message: str,
    notes: Iterable[str],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Record how a run ended."""
    row.state, row.message, row.notes = state, message[:_MESSAGE], list(notes)
    row.ended_at, row.owner, row.lease_until = now, None, None
    session.add(row)
    counts = dict(Counter(record.state.value for record in list_records(session, row)))
    detail = {"run": row.id, "state": state.value, "counts": counts}
    _audit(session, instance, f"bundle.{row.kind.value}-end", actor, now, detail)
    session.flush()


def find_run(session: Session, instance: PrimeroInstance, run_id: int) -> InstanceRun:
    """Return a run of an instance.

    Raises:
        NotFound: it has none with this number.
    """
    row = session.get(InstanceRun, run_id)
    if row is None or row.instance_id != instance.id:
        raise NotFound(
            f"Nothing was written to {instance.name!r} by a run {run_id}: see `primero-bridge instance show`."
        )
    return row


def list_runs(session: Session, instance: PrimeroInstance) -> Sequence[InstanceRun]:
    """Return the runs of an instance, the newest first."""
    query = select(InstanceRun).where(InstanceRun.instance_id == instance.id)
    return session.exec(query.order_by(col(InstanceRun.id).desc())).all()


def report_of(session: Session, row: InstanceRun, *, resumed: bool = False) -> InstanceReport:
    """Return how a run stands."""
    assert row.id is not None
    records = tuple(
        {
            "record": record.record_key,
            "state": record.state.value,
            "texts": len(record.keys),
            "differences": record.differences,
        }
        for record in list_records(session, row)
    )
    return InstanceReport(
        row.id, row.kind, row.state, row.locale, row.message, row.requests, records, tuple(row.left_out),
        tuple(row.notes), resumed,
    )  # fmt: skip


def _audit(
    session: Session, instance: PrimeroInstance, action: str, actor: Actor, now: datetime, detail: dict[str, Any]
) -> None:
    write_audit(session, actor, action, now, deployment_id=instance.deployment_id, subject=instance.name, detail=detail)
