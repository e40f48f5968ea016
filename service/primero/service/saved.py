"""What is on record of an instance: what stood there before a run, and which bundle it has now."""

from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlmodel import Session

from extractors.json_text import dump_json
from service.primero.models import InstanceRun, InstanceRunKind, InstanceRunState, PrimeroInstance
from service.primero.service.runs import list_records, list_runs


@dataclass(frozen=True, slots=True)
class Applied:
    """The bundle that was last given to an instance in a language, as far as it was not taken back whole."""

    locale: str
    run: int
    bundle: str
    sha256: str
    release: int | None
    preview: bool
    at: str
    taken_back_in_part: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def saved_state(session: Session, row: InstanceRun) -> tuple[int, bytes]:
    """Return how many records a run touched, and what they were before, as an answer of Primero's API.

    Blank fillers and times of change are not in it; ``diff`` and ``extract`` read it.
    """
    records = [record.before for record in list_records(session, row)]
    return len(records), dump_json({"data": records})


def find_applied(session: Session, instance: PrimeroInstance) -> list[Applied]:
    """Return which bundle an instance has, for each language one was given in."""
    given: defaultdict[str, list[Applied]] = defaultdict(list)
    for row in reversed(list_runs(session, instance)):
        if row.state is not InstanceRunState.DONE:
            continue
        stack = given[row.locale]
        if row.kind is InstanceRunKind.APPLY:
            # A bundle that was there already is there since it came.
            if not stack or stack[-1].sha256 != row.sha256:
                stack.append(_applied(row))
        elif row.options.get("only"):
            given[row.locale] = [
                replace(one, taken_back_in_part=True) if one.run == row.of_run_id else one for one in stack
            ]
        else:
            given[row.locale] = [one for one in stack if one.run != row.of_run_id]
    return [stack[-1] for stack in given.values() if stack]


def _applied(row: InstanceRun) -> Applied:
    assert row.id is not None
    moment = (row.ended_at or row.started_at).isoformat()
    return Applied(row.locale, row.id, row.bundle, row.sha256, row.release, row.preview, moment, False)


def run_data(row: InstanceRun) -> dict[str, Any]:
    """Return a run as plain values, without its records."""
    return {
        "run": row.id,
        "kind": row.kind.value,
        "state": row.state.value,
        "locale": row.locale,
        "bundle": row.bundle,
        "sha256": row.sha256,
        "release": row.release,
        "of_run": row.of_run_id,
        "started_at": row.started_at.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "message": row.message,
    }
