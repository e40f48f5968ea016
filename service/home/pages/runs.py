"""What the exchanges with Transifex did and do: the job under way, the last runs in words, buttons for the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from service.auth.dependencies import FormIdentityDep, IdentityDep
from service.auth.rules import Permission
from service.catalog.access import open_deployment
from service.deployments.models import Deployment
from service.errors import NotFound
from service.home.cancelling import require_cancel
from service.home.pages.wording import say_age, say_span
from service.home.pages.work import EVERY_SECONDS, EXCHANGES, say_kind, view_jobs
from service.jobs.models import Job, JobState
from service.jobs.service import ACTIVE, cancel_job, enqueue_job, get_job, list_jobs
from service.mail.service import KIND as MAIL
from service.sync.models import RunKind, RunState, SyncRun
from service.sync.queries import find_run, list_runs
from service.volunteers.queries import find_failed_look
from service.volunteers.tasks import KIND as TEAM
from service.web.addresses import local_path
from service.web.languages import N_, Words, words_of
from service.web.resources import NowDep, ResourcesDep, SessionDep
from service.web.templating import lead_back, render

router = APIRouter(include_in_schema=False)

SHOWN = 20
"""How many runs the page shows."""

FOLDED = 12
"""How many outcomes of a run the page shows; a page of its own shows all."""

# Each state has a sign and a word: colour never tells alone.
_STATES = {
    RunState.RUNNING: ("…", N_("running"), ""),
    RunState.DONE: ("✓", N_("done"), "good"),
    RunState.NO_CHANGES: ("=", N_("no changes"), ""),
    RunState.PARTLY: ("⚠", N_("partly done"), "warn"),
    RunState.FAILED: ("✗", N_("failed"), "bad"),
    RunState.CANCELLED: ("⊘", N_("cancelled"), ""),
}
_RESULTS = {
    "created": N_("created there"),
    "updated": N_("sent"),
    "refused": N_("refused"),
    "failed": N_("failed"),
    "skipped": N_("not tried"),
    "pulled": N_("fetched"),
    "waiting": N_("waits"),
    "not-reached": N_("not reached"),
}
_TEXTS = {
    "filled": N_("%(num)s new"),
    "replaced": N_("%(num)s replaced"),
    "rewritten": N_("%(num)s written anew"),
    "emptied": N_("%(num)s emptied"),
    "conflict": N_("%(num)s in conflict"),
}
_QUEUED = {
    RunKind.PUSH: N_("Push: it is queued, and goes on when you leave this page."),
    RunKind.PULL: N_("Pull: it is queued, and goes on when you leave this page."),
}
_CANCELLED = N_("It is cancelled.")
_STOPPING = N_("It stops before its next step; what was done is kept.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one resource, text or language in a run. ``texts`` says how many of them, in words."""

    what: str
    locale: str
    result: str
    texts: str
    message: str


@dataclass(frozen=True, slots=True)
class RunView:
    """One run as the page tells it. ``outcomes`` are at most as many as are shown of ``total``."""

    id: int
    kind: str
    sign: str
    state: str
    tone: str
    message: str
    started: str
    age: str | None
    took: str | None
    requests: int
    outcomes: Sequence[Outcome]
    total: int


@router.get("/deployments/{slug}/runs")
def show_runs(
    request: Request, session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, watch: bool = False
) -> HTMLResponse:
    """Show the job under way, the buttons, and the last runs."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    assert deployment.id is not None
    words = words_of(request)
    jobs = list_jobs(session, deployment.id, limit=SHOWN)
    runs = list_runs(session, deployment.id, limit=SHOWN)
    changing = deployment.archived_at is None
    active = view_jobs(jobs, identity, now, words, changing=changing)
    may_run = identity.may(Permission.SYNC_RUN, deployment.id) and changing
    busy = {job.kind for job in jobs if job.state in ACTIVE}
    context = {
        "deployment": deployment,
        "jobs": active,
        "runs": [_run(run, now, words, shown=FOLDED) for run in runs],
        "lost": _lost(jobs, runs),
        "look": find_failed_look(session, deployment.id),
        "may_bring": identity.may(Permission.VOLUNTEERS_MANAGE, deployment.id),
        "buttons": [kind.value for kind in RunKind if may_run and kind.value not in busy],
        "connected": deployment.transifex_project is not None,
        "may_answer": identity.may_somewhere(Permission.QUESTION_ANSWER, deployment.id),
        "watching": watch and bool(active),
        "every": EVERY_SECONDS,
    }
    return render(request, "home/runs.html", context)


@router.get("/deployments/{slug}/runs/{run_id}")
def show_run(
    request: Request, session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, run_id: int
) -> HTMLResponse:
    """Show one run with everything that became of it."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    assert deployment.id is not None
    run = find_run(session, deployment.id, run_id)
    if run is None:
        raise NotFound(f"The deployment {slug!r} has no run {run_id}.")
    return render(
        request, "home/run.html", {"deployment": deployment, "run": _run(run, now, words_of(request), shown=None)}
    )


@router.post("/deployments/{slug}/runs/start/{kind}")
def start(
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    kind: Annotated[RunKind, Path()],
) -> Response:
    """Queue a push or a pull, and lead back to the runs."""
    deployment = open_deployment(session, identity, slug, Permission.SYNC_RUN)
    assert deployment.id is not None
    enqueue_job(
        session,
        kind.value,
        deployment_id=deployment.id,
        arguments={"slug": slug},
        person_id=identity.person_id,
        now=now,
    )
    return _back(deployment, resources, _QUEUED[kind])


@router.post("/deployments/{slug}/runs/cancel/{job_id}")
def cancel(
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    resources: ResourcesDep,
    slug: str,
    job_id: int,
    back: Annotated[str, Form()] = "",
) -> Response:
    """Cancel a job of the deployment, and lead back to the page that it was cancelled on, else to the runs."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW)
    job = get_job(session, job_id)
    if job.deployment_id != deployment.id:
        raise NotFound(f"There is no job {job_id}.")
    require_cancel(identity, job)
    job = cancel_job(session, job_id, now=now)
    sentence = _CANCELLED if job.state is JobState.CANCELLED else _STOPPING
    return _back(deployment, resources, sentence, local_path(back) if back else "")


def _back(deployment: Deployment, resources: ResourcesDep, sentence: str, address: str = "") -> Response:
    return lead_back(address or f"/deployments/{deployment.slug}/runs", resources.settings, sentence)


def _lost(jobs: Sequence[Job], runs: Sequence[SyncRun]) -> tuple[str, str] | None:
    """Return kind and message of the last job where it failed before there was a run that could tell."""
    last = next((job for job in jobs if job.state not in ACTIVE and job.kind not in (TEAM, MAIL)), None)
    if last is None or last.state is not JobState.FAILED or any(run.started_at >= last.created_at for run in runs):
        return None
    return say_kind(last), last.message


def _run(run: SyncRun, now: datetime, words: Words, *, shown: int | None) -> RunView:
    sign, state, tone = _STATES[run.state]
    outcomes = _outcomes(run.outcome, words)
    return RunView(
        id=run.id or 0,
        kind=EXCHANGES[run.kind.value],
        sign=sign,
        state=state,
        tone=tone,
        message=run.message,
        started=words.moment(run.started_at),
        age=say_age(run.started_at, now, words),
        took=say_span(run.ended_at - run.started_at, words) if run.ended_at else None,
        requests=run.requests,
        outcomes=outcomes[:shown],
        total=len(outcomes),
    )


def _outcomes(outcome: Mapping[str, Any], words: Words) -> list[Outcome]:
    """Return what became of each thing, what went wrong first; what was fetched and held nothing new is left out."""
    found = [_resource(item, words) for item in outcome.get("items", ())]
    found += [_decided(item) for item in outcome.get("sent", {}).get("items", ())]
    bad = {_RESULTS[name] for name in ("refused", "failed", "skipped", "waiting", "not-reached")}
    told = [each for each in found if each is not None]
    return sorted(told, key=lambda each: each.result not in bad)


def _resource(item: Mapping[str, Any], words: Words) -> Outcome | None:
    texts = ", ".join(
        words.gettext(_TEXTS[name]) % {"num": words.number(number)}
        for name, number in item.get("counts", {}).items()
        if name in _TEXTS and number
    )
    message = str(item.get("message", ""))
    if item.get("result") == "pulled" and not texts and not message:
        return None
    result = str(item.get("result", ""))
    name = str(item.get("name") or item.get("resource", ""))
    return Outcome(name, str(item.get("locale", "")), _RESULTS.get(result, result), texts, message)


def _decided(item: Mapping[str, Any]) -> Outcome:
    result = str(item.get("result", ""))
    what = str(item.get("key") or item.get("slug", ""))
    return Outcome(what, str(item.get("language", "")), _RESULTS.get(result, result), "", str(item.get("message", "")))
