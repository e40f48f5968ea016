"""Looking before anything is sent: what a release would change, the requests of a dry run; and giving it away."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from service.auth.dependencies import FormIdentityDep, IdentityDep
from service.auth.rules import Permission
from service.bundles.service.giving import get_release
from service.catalog.access import open_deployment
from service.catalog.rules.drift import Change as Run
from service.catalog.rules.drift import diff_words
from service.checks.locales import LocaleInfo, get_locale
from service.errors import BadInput
from service.home.instance_jobs import diff_with_export, queue_apply, queue_diff
from service.primero.models import LookKind
from service.primero.rules.diffing import WHYS, Change, TextDiff
from service.primero.rules.reasons import MENDS
from service.primero.service.applying import ApplyOptions
from service.primero.service.instances import find_instance
from service.primero.service.looks import QUIET, by_reason, diff_releases, diff_rows, get_look, look_content
from service.web.languages import N_, words_of
from service.web.middleware import LARGEST_NUMBER
from service.web.resources import NowDep, ResourcesDep, SessionDep
from service.web.templating import lead_back, render

router = APIRouter(prefix="/deployments/{slug}")

PAGE = 100
"""How many texts a page shows."""
LONGEST = 600
"""Characters of each side that are compared word by word on a page; the files hold all of them."""

_RELEASE = "/locales/{locale}/releases/{number}"
# Each change has a sign and a word.
_CHANGES = {
    Change.ADDED: ("+", N_("added")),
    Change.CHANGED: ("~", N_("changed")),
    Change.CLEARED: ("−", N_("cleared")),
    Change.SOURCE_CHANGED: ("⚠", N_("the English changed there")),
    Change.UNKNOWN_THERE: ("?", N_("unknown there")),
    Change.NOT_DELIVERABLE: ("⚠", N_("not deliverable")),
    Change.NOT_VISIBLE: ("–", N_("not visible in such an export")),
    Change.SAME: ("=", N_("the same")),
}
_COMPARING = N_("It is being compared; it goes on when you leave this page.")
_SHOWING = N_("The requests are being put together; nothing is sent.")
_APPLYING = N_("It is being given to Primero; it goes on when you leave this page.")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of change with how many texts there are of it; ``shown``: the page shows it now."""

    name: str
    sign: str
    word: str
    number: int
    shown: bool
    can_be_shown: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One text that differs. ``mend`` says why it does not arrive, and the way on."""

    key: str
    sign: str
    word: str
    runs: Sequence[tuple[Run, str]]
    mend: str


@router.get(f"{_RELEASE}/diff")
def show_difference(
    request: Request,
    session: SessionDep,
    identity: IdentityDep,
    slug: str,
    locale: str,
    number: int,
    against: Annotated[int, Query(ge=1, le=LARGEST_NUMBER)],
    show: Annotated[str, Query(max_length=20)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> HTMLResponse:
    """Show the texts in which a release differs from another one, word by word."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
    new, old = (get_release(session, deployment, locale, one) for one in (number, against))
    rows, counts = diff_releases(session, old, new)
    here = f"/deployments/{slug}/locales/{locale}/releases/{number}"
    context = {
        "deployment": deployment,
        "release": number,
        "against": None,
        "older": against,
        "of": here,
        "address": f"{here}/diff?against={against}&",
        "file": f"/api/v1{here}/diff?against={against}&",
        **_listed(rows, counts, show, page, get_locale(locale)),
    }
    return render(request, "home/difference.html", context)


@router.get("/looks/{look_id}")
def show_look(
    request: Request,
    session: SessionDep,
    identity: IdentityDep,
    slug: str,
    look_id: int,
    show: Annotated[str, Query(max_length=20)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    body: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> HTMLResponse:
    """Show a kept comparison, or the requests of a dry run; ``body`` is the number of the one shown whole."""
    deployment = open_deployment(session, identity, slug, Permission.INSTANCE_MANAGE, changing=False)
    look = get_look(session, deployment, look_id)
    content = look_content(look)
    here = f"/deployments/{slug}/locales/{look.locale}/releases/{look.release}"
    context: dict[str, Any] = {
        "deployment": deployment,
        "release": look.release,
        "against": look.against,
        "live": look.instance_id is not None,
        "when": words_of(request).moment(look.created_at),
        "of": here if look.release is not None else "",
        "address": f"/deployments/{slug}/looks/{look_id}?",
        "file": f"/api/v1/deployments/{slug}/looks/{look_id}?",
    }
    if look.kind is not LookKind.DIFF:
        return render(request, "home/requests.html", {**context, **_requests(content, body), "look": look})
    counts = {Change(name): number for name, number in look.counts.items()}
    context |= {"older": None, **_listed(diff_rows(content), counts, show, page, get_locale(look.locale))}
    return render(request, "home/difference.html", context)


def _listed(
    rows: Sequence[TextDiff], counts: Mapping[Change, int], show: str, page: int, language: LocaleInfo
) -> dict[str, Any]:
    wanted = [row for row in rows if (row.change == show if show else row.change not in QUIET)]
    first = (page - 1) * PAGE
    return {
        "language": language,
        "kinds": [
            Kind(change.value, *_CHANGES[change], number, change == show, change is not Change.SAME)
            for change, number in sorted(counts.items(), key=lambda each: list(_CHANGES).index(each[0]))
        ],
        "show": show,
        "rows": [_row(row) for row in wanted[first : first + PAGE]],
        "found": len(wanted),
        "number_of_page": page,
        "pages": max(1, -(-len(wanted) // PAGE)),
    }


def _row(row: TextDiff) -> Row:
    why = WHYS.get(row.change)
    runs = list(diff_words((row.before or "")[:LONGEST], (row.after or "")[:LONGEST]))
    if len(row.before or "") > LONGEST or len(row.after or "") > LONGEST:
        runs.append((Run.SAME, " …"))
    return Row(row.key, *_CHANGES[row.change], runs, MENDS[why] if why else "")


def _requests(content: Mapping[str, Any], body: int) -> dict[str, Any]:
    requests = content["requests"]
    whole = requests[body - 1] if 0 < body <= len(requests) else None
    return {
        "requests": requests,
        "texts": sum(one["texts"] for one in requests),
        "unchanged": content["unchanged"],
        "left_out": [(mend, keys) for (_, mend), keys in by_reason(content["left_out"]).items()],
        "whole": whole,
        "body": json.dumps(whole["body"], ensure_ascii=False, indent=1) if whole else "",
    }


@router.post(f"{_RELEASE}/diff")
def send_diff(
    session: SessionDep,
    resources: ResourcesDep,
    identity: FormIdentityDep,
    now: NowDep,
    slug: str,
    locale: str,
    number: int,
    instance: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Queue the comparison of a release with a Primero server, and lead to that server's page."""
    deployment = open_deployment(session, identity, slug, Permission.INSTANCE_MANAGE, locale)
    release = get_release(session, deployment, locale, number)
    row = find_instance(session, deployment, instance)
    queue_diff(session, identity, deployment, release, row, now)
    return _lead_to(resources, f"/deployments/{slug}/instances/{row.name}?watch=1", _COMPARING)


@router.post(f"{_RELEASE}/diff/export")
def send_export(
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    slug: str,
    locale: str,
    number: int,
    source: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Compare a release with an export that is handed in, and lead to the outcome."""
    deployment = open_deployment(session, identity, slug, Permission.INSTANCE_MANAGE, locale)
    release = get_release(session, deployment, locale, number)
    if source is None or not source.filename:
        raise BadInput("Choose the file of the export.")
    look = diff_with_export(session, release, source.file.read(), source.filename, actor=identity.actor, now=now)
    return RedirectResponse(f"/deployments/{slug}/looks/{look.id}", status_code=303)


@router.post(f"{_RELEASE}/apply")
def send_apply(
    session: SessionDep,
    resources: ResourcesDep,
    identity: FormIdentityDep,
    now: NowDep,
    slug: str,
    locale: str,
    number: int,
    instance: Annotated[str, Form(max_length=60)] = "",
    do: Annotated[str, Form(max_length=20)] = "look",
    partial_options: Annotated[bool, Form()] = False,
    trust_account: Annotated[bool, Form()] = False,
) -> Response:
    """Queue an apply of a release, or the dry run of it, and lead to the page of the Primero server."""
    deployment = open_deployment(session, identity, slug, Permission.BUNDLE_APPLY, locale)
    release = get_release(session, deployment, locale, number)
    row = find_instance(session, deployment, instance)
    dry_run = do != "apply"
    options = ApplyOptions(partial_options, trust_account)
    queue_apply(session, identity, deployment, release, row, options, dry_run=dry_run, now=now)
    sentence = _SHOWING if dry_run else _APPLYING
    return _lead_to(resources, f"/deployments/{slug}/instances/{row.name}?watch=1", sentence)


def _lead_to(resources: ResourcesDep, address: str, sentence: str) -> Response:
    return lead_back(address, resources.settings, sentence)
