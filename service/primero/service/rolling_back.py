"""Taking back what a run gave to an instance, from what was saved before it, whole or in part."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from sqlmodel import Session

from extractors.texts import clean_text, text_hash
from extractors.units import RecordKind, UnitKey
from service.audit.service import Actor
from service.errors import BadInput, Refused
from service.primero.models import (
    InstanceRun,
    InstanceRunKind,
    InstanceRunRecord,
    InstanceRunState,
    PrimeroInstance,
    WriteState,
)
from service.primero.plan import LeftOut, Plan, Target, Wanted, plan_changes
from service.primero.rules.equality import Record, simplify, text_at
from service.primero.rules.reasons import Why
from service.primero.service.applying import begin_run, describe_unfinished, read_ready, require_account
from service.primero.service.checking import visiting
from service.primero.service.finishing import finish_run, records_of
from service.primero.service.runs import (
    InstanceReport,
    OpenRun,
    close_run,
    find_run,
    find_unfinished,
    list_records,
    resume_run,
)
from service.primero.service.writing import Progress, digest_outside
from service.web.resources import Resources

_MAY_BE_THERE = (WriteState.SENDING, WriteState.WRITTEN, WriteState.DIFFERS)


def roll_back(
    resources: Resources,
    instance: PrimeroInstance,
    run_id: int,
    only: Sequence[str],
    *,
    trust_account: bool = False,
    dry_run: bool = False,
    actor: Actor,
    on_progress: Progress,
) -> InstanceReport | Plan:
    """Put back the texts that stood in an instance before a run; go on where the same was left unfinished.

    Args:
        resources: of this process.
        instance: where.
        run_id: the run to take back, an apply.
        only: shell globs over keys; empty for everything that it wrote.
        trust_account: see :class:`.applying.ApplyOptions`.
        dry_run: only return the plan.
        actor: who.
        on_progress: told of every record.

    Raises:
        NotFound: the instance has no such run.
        Refused: it is no apply, it wrote nothing, another run is under way or unfinished, or the account may not.
        RemoteUnreachable: the instance does not answer; the same command goes on later.
    """
    with resources.database.read() as session:
        given = _find_apply(session, instance, run_id)
        records = [row for row in list_records(session, given) if row.state in _MAY_BE_THERE]
    if not records:
        raise Refused(f"Run {run_id} wrote nothing: there is nothing to take back.")
    with visiting(resources, instance) as client:
        require_account(client, trust=trust_account)
        if not dry_run:
            resumed = _resume(resources, instance, given, only, actor)
            if resumed is not None:
                number, again = resumed
                run = OpenRun(number, resources.database, resources.clock, lambda: client.requests_sent, again)
                return finish_run(run, client, instance, actor=actor, on_progress=on_progress, resumed=True)
        target = read_ready(client, given.locale)
        plan = _plan(target, given.locale, records, only)
        if dry_run:
            return plan
        row = _row(given, only, resources)
        row.outside = digest_outside(records_of(target), {one.key for one in plan.records})
        run = begin_run(resources, client, instance, row, plan, actor=actor)
        return finish_run(run, client, instance, actor=actor, on_progress=on_progress)


def _find_apply(session: Session, instance: PrimeroInstance, run_id: int) -> InstanceRun:
    row = find_run(session, instance, run_id)
    if row.kind is not InstanceRunKind.APPLY:
        raise Refused(
            f"Run {run_id} took something back itself: to have the texts there again, apply the bundle again."
        )
    return row


def _resume(
    resources: Resources, instance: PrimeroInstance, given: InstanceRun, only: Sequence[str], actor: Actor
) -> tuple[int, list[InstanceRunRecord]] | None:
    """Take over the same rollback where it died; end the apply where that is what died."""
    with resources.database.write() as session:
        now = resources.clock()
        row = find_unfinished(session, instance, now)
        if row is None:
            return None
        if row.id == given.id:
            message = "It was left unfinished, and what it wrote is taken back."
            close_run(session, instance, row, InstanceRunState.GIVEN_UP, message, (), actor=actor, now=now)
            return None
        if row.of_run_id == given.id and row.options.get("only") == list(only):
            assert row.id is not None
            return row.id, resume_run(session, row, now)
        raise Refused(describe_unfinished(row))


def _plan(target: Target, locale: str, records: Sequence[InstanceRunRecord], only: Sequence[str]) -> Plan:
    current = {key: (kind, simplify(kind, raw)) for key, kind, raw in records_of(target)}
    wanted: list[Wanted] = []
    left_out: list[LeftOut] = []
    chosen = False
    for record in records:
        for text in record.keys:
            if only and not any(fnmatchcase(text, pattern) for pattern in only):
                continue
            chosen = True
            now = current.get(record.record_key)
            found = _judge(record, UnitKey.parse(text), locale, now[1] if now else None)
            if isinstance(found, Wanted):
                wanted.append(found)
            elif found is not None:
                left_out.append(LeftOut(text, found))
    if not chosen:
        raise BadInput(f"Nothing that was written there is called {' or '.join(only)}: give patterns of keys.")
    plan = plan_changes(target, locale, wanted, partial_options=True, exact=True)
    return Plan(plan.records, plan.unchanged, (*left_out, *plan.left_out))


def _judge(record: InstanceRunRecord, key: UnitKey, locale: str, current: Record | None) -> Wanted | Why | None:
    """Return the text to put back, why it is not, or None where it stands there already."""
    if current is None:
        return Why.UNKNOWN
    before, after, now = (
        text_at(RecordKind(record.kind), simple, key, locale) for simple in (record.before, record.after, current)
    )
    if now == before:
        return None
    if not _is_same(now, after):
        return Why.CHANGED_SINCE
    return Wanted(key, before if isinstance(before, str) else None)


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return text_hash(clean_text(one)) == text_hash(clean_text(other))
    return one == other


def _row(given: InstanceRun, only: Sequence[str], resources: Resources) -> InstanceRun:
    return InstanceRun(
        instance_id=given.instance_id,
        kind=InstanceRunKind.ROLLBACK,
        state=InstanceRunState.RUNNING,
        locale=given.locale,
        bundle=given.bundle,
        sha256=given.sha256,
        release=given.release,
        preview=given.preview,
        of_run_id=given.id,
        started_at=resources.clock(),
        options={"only": list(only)},
    )
