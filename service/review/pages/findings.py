"""What a person does about a finding on a card: dismiss or waive it with a reason, take that back, put the fix in."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from service.auth.dependencies import FormIdentityDep
from service.auth.rules import Permission
from service.catalog.queries import find_unit
from service.checks.engine import Severity
from service.errors import NotFound, ServiceError
from service.review.pages.card import Typed, draw_card
from service.review.pages.places import PREFIX, FilterDep, open_place
from service.review.service import findings
from service.web.resources import NowDep, SessionDep

router = APIRouter(prefix=PREFIX)

Action = Literal["dismiss", "waive", "withdraw", "fix"]
#: Who takes back must be allowed what is taken back.
_NEEDED = {
    "dismiss": Permission.REVIEW_DECIDE,
    "fix": Permission.REVIEW_DECIDE,
    "waive": Permission.CHECKS_MANAGE,
}


@router.post("/findings")
def send_finding(
    request: Request,
    session: SessionDep,
    identity: FormIdentityDep,
    now: NowDep,
    wanted: FilterDep,
    slug: str,
    locale: str,
    do: Annotated[Action, Form()],
    finding: Annotated[int, Form()],
    key: Annotated[str, Form(max_length=2000)],
    source_hash: Annotated[str, Form(max_length=64)],
    text_hash: Annotated[str, Form(max_length=64)],
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Do it and show the card again: with the finding as it stands then, or with what was wrong and what was typed."""
    place = open_place(session, identity, slug, locale, _NEEDED.get(do, Permission.DEPLOYMENT_VIEW), changing=True)
    actor, deployment = identity.actor, place.deployment
    try:
        pair, found = findings.find_finding(session, deployment, locale, finding, pair_hashes=(source_hash, text_hash))
        if do == "withdraw":
            waived = found.severity == Severity.BLOCKS
            identity.require(_NEEDED["waive" if waived else "dismiss"], deployment.id, locale)
        if do == "dismiss":
            findings.dismiss(session, deployment, pair, found, actor=actor, reason=reason, now=now)
        elif do == "waive":
            findings.waive(session, deployment, pair, found, actor=actor, reason=reason, now=now)
        elif do == "withdraw":
            findings.withdraw(session, deployment, pair, found, actor=actor, now=now)
        else:
            findings.fix(session, deployment, pair, found, actor=actor, now=now)
            return RedirectResponse(place.address("card", wanted, key=key, corrected=key), status_code=303)
    except ServiceError as error:
        # Nothing half-done may be committed with this page.
        session.rollback()
        assert deployment.id is not None
        row = find_unit(session, deployment.id, locale, key)
        if row is None or isinstance(error, NotFound):
            raise
        typed = Typed(error=error.message, comment=reason)
        return draw_card(request, session, place, wanted, row, now, typed=typed, status=error.status)
    return RedirectResponse(place.address("card", wanted, key=key), status_code=303)
