"""Jobs as pages show them: what waits or runs, how far it is, and how the last one failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.auth.rules import Identity
from service.checks.service.rechecking import KIND as RECHECK
from service.home.cancelling import may_cancel
from service.home.instance_jobs import APPLY, CHECK, DIFF, ROLLBACK
from service.home.pages.wording import say_age
from service.home.releasing import RELEASE
from service.jobs.models import Job, JobState
from service.jobs.service import ACTIVE
from service.mail.service import KIND as MAIL
from service.sync.models import RunKind
from service.volunteers.tasks import KIND as TEAM
from service.web.languages import N_, Words

EVERY_SECONDS = 5
"""How often a page loads itself again, for whoever asked for that."""

EXCHANGES = {RunKind.PUSH.value: N_("Push"), RunKind.PULL.value: N_("Pull")}
KINDS = {
    **EXCHANGES,
    RECHECK: N_("Another check of all texts"),
    RELEASE: N_("Release"),
    CHECK: N_("Trying the sign-in"),
    DIFF: N_("Comparison"),
    APPLY: N_("Apply"),
    ROLLBACK: N_("Taking back"),
    TEAM: N_("A look at the team on Transifex"),
    MAIL: N_("Sending mail"),
}
_STATES = {
    JobState.QUEUED: N_("waits for its turn"),
    JobState.RUNNING: N_("is running"),
    JobState.CANCELLING: N_("stops before its next step"),
}


@dataclass(frozen=True, slots=True)
class JobView:
    """One job that waits or runs. ``about`` says what it is of, where that is not the whole deployment."""

    id: int
    kind: str
    state: str
    done: int
    total: int
    age: str | None
    may_cancel: bool
    about: str


def say_kind(job: Job) -> str:
    """Return the kind of a job as a sentence of the catalogs."""
    return KINDS.get(job.kind, job.kind)


def view_jobs(jobs: Sequence[Job], identity: Identity, now: datetime, words: Words, *, changing: bool) -> list[JobView]:
    """Return those of ``jobs`` (newest first) that wait or run, the one whose turn it is first."""
    return [
        JobView(
            id=job.id or 0,
            kind=say_kind(job),
            state=_STATES[job.state],
            done=min(job.done, job.total),
            total=job.total,
            age=say_age(job.created_at, now, words),
            may_cancel=changing and job.state is not JobState.CANCELLING and may_cancel(identity, job),
            about=" · ".join(str(job.arguments[name]) for name in ("instance", "locale") if job.arguments.get(name)),
        )
        for job in reversed(jobs)
        if job.state in ACTIVE
    ]


def find_failed(jobs: Sequence[Job]) -> Job | None:
    """Return the newest of ``jobs`` (newest first) where it failed or was cancelled, None where it did not."""
    newest = jobs[0] if jobs else None
    return newest if newest is not None and newest.state in (JobState.FAILED, JobState.CANCELLED) else None
