"""The API of sign-offs."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from service.auth.dependencies import IdentityDep
from service.auth.rules import Permission
from service.bundles.rules.signoff import SignOffState
from service.bundles.service.signing_off import Statement, get_voucher, list_vouchers, load_overview, revoke, sign_off
from service.bundles.vouching import Voucher
from service.catalog.access import open_deployment
from service.web.paging import PageDep
from service.web.resources import NowDep, SessionDep

router = APIRouter(tags=["sign-offs"], prefix="/deployments/{slug}/locales/{locale}")


class WaivedAnswer(BaseModel):
    """A finding that a person said is wrong here."""

    key: str
    check: str
    message: str
    person: str
    reason: str


class OverviewAnswer(BaseModel):
    """What somebody who signs now would vouch for. ``digest`` names exactly that; give it back to sign just this."""

    in_scope: int
    approved: int
    missing: dict[str, int]
    exceptions: list[str]
    sensitive: list[str]
    blocked: list[str]
    conflicts: list[str]
    waived: list[WaivedAnswer]
    digest: str


class SignOffAnswer(BaseModel):
    """A sign-off and how it stands. ``broken`` and ``uncovered`` count the texts that say so."""

    number: int
    state: SignOffState
    person: str
    name: str
    role: str
    organisation: str
    statement: str
    signed_at: datetime
    digest: str
    covered: int
    counts: dict[str, int]
    broken: int
    uncovered: int
    revoked_at: datetime | None
    revoke_reason: str | None


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignOffBody(_Shape):
    """Who states what. ``digest`` is what was looked at; without it whatever is approved is covered."""

    name: str = Field(max_length=1000)
    role: str = Field(max_length=1000)
    organisation: str = Field(max_length=1000)
    statement: str = Field(max_length=10_000)
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class RevokeBody(_Shape):
    """Why it is taken back."""

    reason: str = Field(max_length=10_000)


@router.get("/sign-off", summary="What a sign-off would cover now")
def show_overview(session: SessionDep, identity: IdentityDep, slug: str, locale: str) -> OverviewAnswer:
    """Return what is approved, what is missing, and what whoever signs should know."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
    found = load_overview(session, deployment, locale)
    return OverviewAnswer(
        in_scope=found.in_scope,
        approved=len(found.approved),
        missing={state.value: number for state, number in found.missing.items()},
        exceptions=[row.facts.key for row in found.exceptions],
        sensitive=[row.facts.key for row in found.sensitive],
        blocked=[row.facts.key for row in found.blocked],
        conflicts=[row.facts.key for row in found.conflicting],
        waived=[
            WaivedAnswer(key=row.key, check=row.check_id, message=row.message, person=row.person_id, reason=row.reason)
            for row in found.waived
        ],
        digest=found.digest,
    )


@router.get("/sign-offs", summary="The sign-offs of a language")
def show_sign_offs(
    session: SessionDep, identity: IdentityDep, page: PageDep, slug: str, locale: str
) -> list[SignOffAnswer]:
    """Return them with how they stand now, the newest first, revoked ones too."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
    found = page.cut(list_vouchers(session, deployment, locale), lambda each: sign_off_answer(each).number)
    return [sign_off_answer(row) for row in found]


@router.post("/sign-offs", status_code=201, summary="Sign a language off")
def sign(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str, body: SignOffBody
) -> SignOffAnswer:
    """Vouch for every text that is approved now."""
    deployment = open_deployment(session, identity, slug, Permission.SIGN_OFF, locale)
    statement = Statement(body.name, body.role, body.organisation, body.statement)
    made = sign_off(session, deployment, locale, statement, actor=identity.actor, now=now, seen=body.digest)
    return sign_off_answer(made)


@router.post("/sign-offs/{number}/revoke", summary="Take a sign-off back")
def take_back(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, locale: str, number: int, body: RevokeBody
) -> SignOffAnswer:
    """Revoke it with a reason; it stays to be seen."""
    deployment = open_deployment(session, identity, slug, Permission.SIGN_OFF, locale)
    revoke(session, deployment, locale, number, reason=body.reason, actor=identity.actor, now=now)
    return sign_off_answer(get_voucher(session, deployment, locale, number))


def sign_off_answer(voucher: Voucher) -> SignOffAnswer:
    """Return a sign-off as API and command line show it."""
    row, verdict = voucher.sign_off, voucher.verdict
    return SignOffAnswer(
        number=row.number,
        state=verdict.state,
        person=row.person_id,
        name=row.name,
        role=row.role,
        organisation=row.organisation,
        statement=row.statement,
        signed_at=row.created_at,
        digest=row.digest,
        covered=len(voucher.covered),
        counts=row.counts,
        broken=len(verdict.broken),
        uncovered=len(verdict.uncovered),
        revoked_at=row.revoked_at,
        revoke_reason=row.revoke_reason,
    )
