"""What the push before this one saw and left on Transifex: no truth, only a reason not to ask again.

It stands in the record of that run. Where there is none, because the run failed or the project is another, everything
is asked for and compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.sync.models import RunKind, RunState
from service.sync.queries import list_runs
from service.sync.service.runs import OpenRun

_ENDED = (RunState.DONE, RunState.NO_CHANGES, RunState.PARTLY)


@dataclass(frozen=True, slots=True)
class Recall:
    """``told``: by slug, the hash of the notes beside a resource's strings; ``languages``: those the project had."""

    told: Mapping[str, str] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()


def recall_push(run: OpenRun) -> Recall:
    """Return what the push before this one saw, less the languages that a pull missed since then."""
    with run.database.read() as session:
        runs = list_runs(session, run.deployment_id)
    earlier = [row for row in runs if row.id is not None and row.id < run.id]
    last = next((row for row in earlier if row.kind is RunKind.PUSH), None)
    if last is None or last.state not in _ENDED or last.outcome.get("project") != run.project:
        return Recall()
    languages = set(last.outcome.get("languages", ()))
    for row in earlier:
        if row is last:
            break
        languages -= set(row.outcome.get("languages_absent", ()))
    return Recall(dict(last.outcome.get("told", {})), frozenset(languages))
