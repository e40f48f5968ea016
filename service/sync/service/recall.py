"""What the push before this one saw and left on Transifex: no truth, only a reason not to ask again.

It stands in the record of that run. Where there is none, because the run failed or the project is another, everything
is asked for and compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.sync.models import RunKind, RunState
from service.sync.queries import find_last_push, list_runs
from service.sync.service.runs import OpenRun

_ENDED = (RunState.DONE, RunState.NO_CHANGES, RunState.PARTLY)


@dataclass(frozen=True, slots=True)
class Recall:
    """What the push before saw.

    ``told``: by slug, the hash of the notes beside a resource's strings, and when Transifex made that resource;
    ``languages``: those the project had.
    """

    told: Mapping[str, str] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()


def recall_push(run: OpenRun) -> Recall:
    """Return what the push before this one saw, less the languages that a pull missed since then."""
    with run.database.read() as session:
        last = find_last_push(session, run.deployment_id, before=run.id)
        if last is None or last.state not in _ENDED or last.outcome.get("project") != run.project:
            return Recall()
        # Any number of pulls lies between two pushes; the newest tells what the project has now.
        pulls = list_runs(session, run.deployment_id, kind=RunKind.PULL)
    languages = set(last.outcome.get("languages", ()))
    for row in pulls:
        if (row.id or 0) > (last.id or 0):
            languages -= set(row.outcome.get("languages_absent", ()))
    return Recall(dict(last.outcome.get("told", {})), frozenset(languages))
