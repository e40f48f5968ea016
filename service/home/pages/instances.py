"""The Primero servers of a deployment: what stands on each, what is done there now, and every run with its report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session
from starlette.responses import Response

from service.auth.dependencies import FormIdentityDep, IdentityDep
from service.auth.rules import Identity, Permission
from service.catalog.access import open_deployment
from service.checks.locales import LocaleInfo, get_locale
from service.deployments.models import Deployment
from service.home.instance_jobs import CHECK, KINDS, access_of, queue_rollback
from service.home.instance_places import open_rollback
from service.home.pages.wording import say_age
from service.home.pages.work import EVERY_SECONDS, find_failed, say_kind, view_jobs
from service.jobs.models import Job, JobState
from service.jobs.service import list_jobs
from service.primero.client import SignIn
from service.primero.models import (
    InstanceLook,
    InstanceRun,
    InstanceRunKind,
    InstanceRunState,
    LookKind,
    PrimeroInstance,
    WriteState,
)
from service.primero.rules.reasons import Why
from service.primero.service.instances import find_instance, list_instances
from service.primero.service.looks import by_reason, list_looks
from service.primero.service.runs import InstanceReport, find_run, is_worked_on, left_out_data, list_runs, report_of
from service.primero.service.saved import Applied, find_applied
from service.review.cards import name_persons
from service.web.languages import N_, Words, words_of
from service.web.resources import NowDep, ResourcesDep, SessionDep
from service.web.templating import lead_back, render
from service.web.trying import do_or_draw

router = APIRouter()

FOLDED = 20
"""How many texts that were left out the page of a run names for each reason."""

SIGN_INS = {
    SignIn.BASIC: N_("Name and password with every request: the simplest for an account of its own"),
    SignIn.SESSION: N_("A session: it ends every other session of that account"),
    SignIn.BEARER: N_("The token of an identity provider that stands in front of it"),
}
_BLANK = {"name": "", "url": "", "user": "", "sign_in": SignIn.BASIC.value, "training": False}
_RUNS = {InstanceRunKind.APPLY: N_("Apply"), InstanceRunKind.ROLLBACK: N_("Taking back")}
_LOOKS = {
    LookKind.DIFF: N_("Comparison"),
    LookKind.APPLY: N_("Requests of an apply"),
    LookKind.ROLLBACK: N_("Requests of taking back"),
}
# Each state has a sign and a word: colour never tells alone.
_STATES = {
    InstanceRunState.RUNNING: ("…", N_("is running"), ""),
    InstanceRunState.DONE: ("✓", N_("done"), "good"),
    InstanceRunState.STOPPED: ("✗", N_("stopped at something that nobody can explain"), "bad"),
    InstanceRunState.GIVEN_UP: ("⊘", N_("given up"), ""),
}
_UNFINISHED = ("⚠", N_("left unfinished"), "warn")
_RECORDS = {
    WriteState.PLANNED: ("○", N_("not sent yet")),
    WriteState.SENDING: ("…", N_("may have been sent")),
    WriteState.WRITTEN: ("✓", N_("written")),
    WriteState.CHANGED_THERE: ("⚠", N_("changed by somebody else, and left so")),
    WriteState.REFUSED: ("⚠", N_("refused by Primero, and as before")),
    WriteState.DIFFERS: ("✗", N_("not as it had to be")),
}
_TAKING_BACK = N_("It is being taken back; it goes on when you leave this page.")
_SHOWING = N_("The requests are being put together; nothing is sent.")
_LEFT_TO_TAKE_BACK = frozenset({WriteState.SENDING, WriteState.WRITTEN, WriteState.DIFFERS})


@dataclass(frozen=True, slots=True)
class AppliedView:
    """The bundle that stands on a server in a language."""

    language: LocaleInfo
    applied: Applied
    when: str


@dataclass(frozen=True, slots=True)
class RunView:
    """One apply or rollback in a line."""

    row: InstanceRun
    language: LocaleInfo
    kind: str
    sign: str
    state: str
    tone: str
    when: str
    who: str


@dataclass(frozen=True, slots=True)
class LookView:
    """What somebody looked at, in a line."""

    row: InstanceLook
    kind: str
    language: LocaleInfo
    age: str | None


@dataclass(frozen=True, slots=True)
class RecordView:
    """One form or lookup of a run; ``chosen``: its tick is set in the form that takes it back."""

    key: str
    sign: str
    state: str
    texts: int
    differences: Sequence[str]
    can_go_back: bool
    chosen: bool


@router.get("/deployments/{slug}/instances")
def show_instances(request: Request, session: SessionDep, identity: IdentityDep, slug: str) -> HTMLResponse:
    """Show the Primero servers, and which bundle stands on each in which language."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    return draw_instances(request, session, identity, deployment)


def draw_instances(
    request: Request,
    session: Session,
    identity: Identity,
    deployment: Deployment,
    typed: object = None,
    *,
    error: str = "",
    status: int = 200,
) -> HTMLResponse:
    """Draw the list of servers, with the form that adds one and what was typed into it."""
    words = words_of(request)
    context = {
        "deployment": deployment,
        "rows": [(row, _applied(session, row, words)) for row in list_instances(session, deployment)],
        "may_keep": may_keep(identity, deployment),
        "sign_ins": SIGN_INS,
        "typed": typed or _BLANK,
        "error": error,
    }
    return render(request, "home/instances.html", context, status=status)


def may_keep(identity: Identity, deployment: Deployment) -> bool:
    """Return whether somebody may add and change servers here."""
    return identity.may(Permission.INSTANCE_MANAGE, deployment.id) and deployment.archived_at is None


@router.get("/deployments/{slug}/instances/{name}")
def show_instance(
    request: Request,
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    slug: str,
    name: str,
    watch: bool = False,
) -> HTMLResponse:
    """Show what stands on a server, what is done there now, what was looked at, and its runs."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    row = find_instance(session, deployment, name)
    words = words_of(request)
    jobs = jobs_of(session, row)
    active = view_jobs(jobs, identity, now, words, changing=deployment.archived_at is None)
    failed = find_failed(jobs)
    runs = list_runs(session, row)
    names = name_persons(session, {run.person_id for run in runs if run.person_id})
    context = {
        "deployment": deployment,
        "instance": row,
        "applied": _applied(session, row, words),
        "jobs": active,
        "failed": None if failed is None else (say_kind(failed), failed.message),
        "watching": watch and bool(active),
        "every": EVERY_SECONDS,
        "looks": _looks(session, row, identity, now, words),
        "may_keep": may_keep(identity, deployment),
        "check": _check(jobs, row, now, words) if identity.may(Permission.INSTANCE_MANAGE, deployment.id) else None,
        "runs": [_run(run, now, words, names) for run in runs],
    }
    return render(request, "home/instance.html", context)


def jobs_of(session: Session, instance: PrimeroInstance) -> list[Job]:
    """Return the latest jobs that are about an instance, the newest first."""
    jobs = list_jobs(session, instance.deployment_id, kinds=KINDS)
    return [job for job in jobs if job.arguments.get("instance_id") == instance.id]


def _check(
    jobs: Sequence[Job], row: PrimeroInstance, now: datetime, words: Words
) -> tuple[Mapping[str, Any], list[LocaleInfo], str | None] | None:
    """Return what the last look found, the languages missing there, and how long ago it was.

    None where there was none, or where the server is reached in another way since.
    """
    access = access_of(row).items()
    for job in jobs:
        if job.kind == CHECK and job.state is JobState.DONE and job.result and access <= job.arguments.items():
            missing = [get_locale(locale) for locale in job.result["missing"]]
            return job.result, missing, say_age(job.ended_at or job.created_at, now, words)
    return None


def _applied(session: Session, row: PrimeroInstance, words: Words) -> list[AppliedView]:
    return [
        AppliedView(get_locale(one.locale), one, words.moment(datetime.fromisoformat(one.at)))
        for one in find_applied(session, row)
    ]


def _looks(session: Session, row: PrimeroInstance, identity: Identity, now: datetime, words: Words) -> list[LookView]:
    if not identity.may(Permission.INSTANCE_MANAGE, row.deployment_id):
        return []
    return [
        LookView(look, _LOOKS[look.kind], get_locale(look.locale), say_age(look.created_at, now, words))
        for look in list_looks(session, row)
    ]


def _run(run: InstanceRun, now: datetime, words: Words, names: Mapping[str, str]) -> RunView:
    unfinished = run.state is InstanceRunState.RUNNING and not is_worked_on(run, now)
    sign, state, tone = _UNFINISHED if unfinished else _STATES[run.state]
    return RunView(
        row=run,
        language=get_locale(run.locale),
        kind=_RUNS[run.kind],
        sign=sign,
        state=state,
        tone=tone,
        when=words.moment(run.started_at),
        who=names.get(run.person_id or "", ""),
    )


@router.get("/deployments/{slug}/instances/{name}/runs/{run}")
def show_run(
    request: Request,
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    slug: str,
    name: str,
    run: int,
    watch: bool = False,
) -> HTMLResponse:
    """Show a run with what became of each form and lookup, and the ways on: go on with it, take it back."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    instance = find_instance(session, deployment, name)
    row = find_run(session, instance, run)
    return _draw_run(request, session, identity, now, deployment, instance, row, watch=watch)


def _draw_run(
    request: Request,
    session: Session,
    identity: Identity,
    now: datetime,
    deployment: Deployment,
    instance: PrimeroInstance,
    row: InstanceRun,
    *,
    watch: bool = False,
    only: Sequence[str] = (),
    error: str = "",
    status: int = 200,
) -> HTMLResponse:
    words = words_of(request)
    report = report_of(session, row)
    view = _run(row, now, words, name_persons(session, {row.person_id} if row.person_id else set()))
    active = view_jobs(jobs_of(session, instance), identity, now, words, changing=deployment.archived_at is None)
    may_apply = (
        identity.may(Permission.BUNDLE_APPLY, deployment.id, row.locale) and deployment.archived_at is None
    )  # fmt: skip
    records = [_record(record, only) for record in report.records]
    is_apply = row.kind is InstanceRunKind.APPLY
    context = {
        "deployment": deployment,
        "instance": instance,
        "run": view,
        "report": report,
        "records": records,
        "left_out": _left_out(report),
        "folded": FOLDED,
        "jobs": active,
        "watching": watch and bool(active),
        "every": EVERY_SECONDS,
        "unfinished": row.state is InstanceRunState.RUNNING and not is_worked_on(row, now),
        "may_go_on": may_apply and not active and (row.release is not None or not is_apply),
        "may_take_back": may_apply and not active and is_apply and any(each.can_go_back for each in records),
        "may_save": bool(records) and identity.may(Permission.INSTANCE_MANAGE, deployment.id),
        "is_apply": is_apply,
        "error": error,
    }
    return render(request, "home/instance_run.html", context, status=status)


def _record(record: Mapping[str, object], only: Sequence[str]) -> RecordView:
    state = WriteState(str(record["state"]))
    sign, word = _RECORDS[state]
    key = str(record["record"])
    differences = record["differences"]
    return RecordView(
        key=key,
        sign=sign,
        state=word,
        texts=int(str(record["texts"])),
        differences=differences if isinstance(differences, list) else [],
        can_go_back=state in _LEFT_TO_TAKE_BACK,
        chosen=f"{key}/*" in only,
    )


def _left_out(report: InstanceReport) -> list[tuple[str, list[str]]]:
    rows = [left_out_data(row["key"], Why(row["why"])) for row in report.left_out]
    return [(mend, keys) for (_, mend), keys in by_reason(rows).items()]


@router.post("/deployments/{slug}/instances/{name}/runs/{run}/rollback")
def send_rollback(
    request: Request,
    session: SessionDep,
    resources: ResourcesDep,
    identity: FormIdentityDep,
    now: NowDep,
    slug: str,
    name: str,
    run: int,
    do: Annotated[str, Form(max_length=20)] = "look",
    only: Annotated[list[str] | None, Form()] = None,
    trust_account: Annotated[bool, Form()] = False,
) -> Response:
    """Queue the way back, or the dry run of it; or show the run's page again with what is wrong."""
    deployment, instance, row = open_rollback(session, identity, slug, name, run)
    dry_run = do != "rollback"
    again = do_or_draw(
        session,
        lambda: queue_rollback(
            session, identity, deployment, instance, row, only or (),
            trust_account=trust_account, dry_run=dry_run, now=now,
        ),
        partial(_draw_run, request, session, identity, now, deployment, instance, row, only=only or ()),
    )  # fmt: skip
    if again is not None:
        return again
    return lead_back(
        f"/deployments/{slug}/instances/{name}?watch=1", resources.settings, _SHOWING if dry_run else _TAKING_BACK
    )
