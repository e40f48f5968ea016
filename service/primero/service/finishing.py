"""Carrying a run to its end: everything is written, everything is looked at once more, and the end is recorded."""

from collections.abc import Iterator, Mapping
from typing import Any

from extractors.units import RecordKind, UnitKey
from service.audit.service import Actor
from service.primero.client import PrimeroClient
from service.primero.models import InstanceRun, InstanceRunKind, InstanceRunState, PrimeroInstance, WriteState
from service.primero.plan import Target
from service.primero.rules.equality import digest, find_differences, simplify
from service.primero.service.fetching import fetch_target
from service.primero.service.runs import InstanceReport, OpenRun, close_run, report_of
from service.primero.service.writing import Progress, UnexplainedDifference, Writer

_MOST_NOTES = 50


def records_of(target: Target) -> list[tuple[str, RecordKind, Mapping[str, Any]]]:
    """Return the records of an instance with their canonical names."""
    return [
        (UnitKey(kind, str(raw.get("unique_id")), "name").record_key, kind, raw) for kind, raw in target.records()
    ]  # fmt: skip


def finish_run(
    run: OpenRun,
    client: PrimeroClient,
    instance: PrimeroInstance,
    *,
    actor: Actor,
    on_progress: Progress,
    resumed: bool = False,
) -> InstanceReport:
    """Write what a run has not written yet, look at the whole instance, and record how it ended.

    Raises:
        PrimeroError: the instance does not answer; the run can be resumed.
        RunTakenOver: another process has the run.
    """
    with run.holding():
        state, message, notes = InstanceRunState.DONE, "", []
        try:
            Writer(run, client, on_progress).write_all()
            notes = list(_look_around(run, fetch_target(client)))
        except UnexplainedDifference as difference:
            state, message = InstanceRunState.STOPPED, f"{difference} Nothing further was sent."
        with run.write() as (session, row):
            message = message or _describe(run, row.kind)
            close_run(session, instance, row, state, message, notes, actor=actor, now=run.clock())
            return report_of(session, row, resumed=resumed)


def _describe(run: OpenRun, kind: InstanceRunKind) -> str:
    states = [record.state for record in run.records]
    written = states.count(WriteState.WRITTEN)
    texts = sum(len(record.keys) for record in run.records if record.state is WriteState.WRITTEN)
    if not run.records:
        return "There was nothing to write."
    done = "taken back" if kind is InstanceRunKind.ROLLBACK else "written"
    parts = [f"{_count(texts, 'text')} {done} in {_count(written, 'record')}."]
    if changed := states.count(WriteState.CHANGED_THERE):
        parts.append(f"{_count(changed, 'record')} changed there meanwhile and left so: repeat the command.")
    if refused := states.count(WriteState.REFUSED):
        parts.append(f"{_count(refused, 'record')} refused by Primero, and as before.")
    return " ".join(parts)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _look_around(run: OpenRun, target: Target) -> Iterator[str]:
    """Yield what is not as the run left it, or changed beside it: somebody else's work, most likely."""
    with run.database.read() as session:
        outside = session.get_one(InstanceRun, run.id).outside
    written = {record.record_key: record for record in run.records if record.state is WriteState.WRITTEN}
    found = {key: (kind, raw) for key, kind, raw in records_of(target)}
    sentences = []
    for key, record in written.items():
        if key not in found:
            sentences.append(f"{key} is gone there since it was written.")
            continue
        kind, raw = found[key]
        difference = next(find_differences(record.after, simplify(kind, raw)), None)
        if difference is not None:
            sentences.append(f"{key} was changed there after it was written: {difference}")
    for key, known in outside.items():
        if key not in found:
            sentences.append(f"{key} is gone there; this run did not touch it.")
        elif digest(simplify(*found[key])) != known:
            sentences.append(f"{key} changed there meanwhile; this run did not touch it.")
    yield from sentences[:_MOST_NOTES]
