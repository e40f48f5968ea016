"""Deployments, their sources and scope."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile

from service.auth.dependencies import IdentityDep
from service.auth.rules import Permission
from service.catalog.access import open_deployment
from service.catalog.models import ScopeAction
from service.catalog.service.scope import add_rule
from service.checks.locales import ALL_LOCALES
from service.deployments.rules import ResourceFormat, parse_locale_mapping
from service.deployments.service import DeploymentChanges, change_deployment
from service.errors import BadInput
from service.home.connecting import choose_format
from service.home.moving import LeftBehind, adopt_left_behind, find_left_behind
from service.home.reading import read_uploaded_source
from service.home.schemas import (
    DeploymentAnswer,
    DeploymentBody,
    FormatBody,
    LocaleAnswer,
    MovedAnswer,
    MovedUnitAnswer,
    ScopeAnswer,
    ScopeBody,
    SourceAnswer,
)
from service.home.sources import (
    activate_source,
    add_deployment,
    import_source,
    preview_source,
    report_data,
)
from service.home.status import DeploymentStatus, describe_deployment, describe_deployments
from service.review.service.entering import EntryReport
from service.web.paging import PageDep
from service.web.resources import NowDep, SessionDep

router = APIRouter(prefix="/deployments", tags=["deployments"])


def _answer(status: DeploymentStatus) -> DeploymentAnswer:
    data = status.as_json()
    locales = [LocaleAnswer(locale=locale, **counts) for locale, counts in data.pop("locales").items()]
    return DeploymentAnswer(**data, locales=locales)


@router.get("", summary="The deployments you may see, with their numbers")
def list_all(session: SessionDep, identity: IdentityDep, page: PageDep) -> list[DeploymentAnswer]:
    """Return every deployment that whoever asks may see."""
    found = page.cut(describe_deployments(session, identity), lambda each: each.slug)
    return [_answer(status) for status in found]


@router.post("", status_code=201, summary="Make a deployment from a configuration")
def add(
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    slug: Annotated[str, Form()],
    name: Annotated[str, Form()],
    source: Annotated[UploadFile, File(description="Configuration JSON, saved API answers, translation YAML or PO.")],
    locales: Annotated[str, Form(description="Such as fr,ar,ku-IQ=ku_IQ.")] = "",
    transifex: Annotated[str | None, Form(description="o:ORG:p:PROJECT")] = None,
    transifex_format: Annotated[ResourceFormat, Form(description="The file format of its texts there.")] = (
        ResourceFormat.YML
    ),
    source_locale: Annotated[str, Form()] = "en",
) -> DeploymentAnswer:
    """Make a deployment, import its source, let in the texts the source holds."""
    identity.require(Permission.DEPLOYMENT_MANAGE, None)
    try:
        mapping = parse_locale_mapping(locales)
    except ValueError as error:
        raise BadInput(f"{error}.") from error
    origin = source.filename or "upload"
    deployment, _ = add_deployment(
        session,
        slug=slug,
        name=name,
        catalog=read_uploaded_source(source.file.read(), origin, source_locale),
        origin=origin,
        locales=mapping,
        known_locales={info.code for info in ALL_LOCALES},
        transifex_project=transifex,
        transifex_format=transifex_format,
        actor=identity.actor,
        now=now,
    )
    return _answer(describe_deployment(session, deployment))


@router.get("/{slug}", summary="One deployment with its numbers")
def show(session: SessionDep, identity: IdentityDep, slug: str) -> DeploymentAnswer:
    """Return one deployment."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    return _answer(describe_deployment(session, deployment))


@router.patch("/{slug}", summary="Change a deployment's settings")
def change(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, body: DeploymentBody
) -> DeploymentAnswer:
    """Change its name, whether a lone reviewer may approve, what becomes of conflicts, if it is pushed by itself."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_MANAGE)
    change_deployment(
        session, deployment, DeploymentChanges(**body.model_dump()), actor=identity.actor, now=now
    )  # fmt: skip
    return _answer(describe_deployment(session, deployment))


@router.post("/{slug}/source", summary="Import a newer configuration")
def send_source(
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    slug: str,
    source: Annotated[UploadFile, File()],
    dry_run: Annotated[bool, Form()] = False,
    allow_removals: Annotated[bool, Form()] = False,
    adopt_moved: Annotated[bool, Form()] = False,
) -> SourceAnswer:
    """Import a source as the current snapshot, or with ``dry_run`` say what that would change.

    With ``adopt_moved`` units that only changed their place take their translations along.
    """
    deployment = open_deployment(session, identity, slug, Permission.SOURCE_IMPORT)
    origin = source.filename or "upload"
    catalog = read_uploaded_source(source.file.read(), origin, deployment.source_locale)
    if dry_run:
        return SourceAnswer(**report_data(preview_source(session, deployment, catalog)))
    report = import_source(
        session,
        deployment,
        catalog,
        origin=origin,
        allow_removals=allow_removals,
        adopt_moved=adopt_moved,
        actor=identity.actor,
        now=now,
    )
    return SourceAnswer(**report_data(report))


@router.get("/{slug}/moved", summary="Units that moved without their translations")
def show_moved(session: SessionDep, identity: IdentityDep, slug: str) -> MovedAnswer:
    """Return the units of earlier imports that could still take a translation along."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    return _moved(find_left_behind(session, deployment), {})


@router.post("/{slug}/moved", summary="Let moved units take their translations along")
def adopt(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str) -> MovedAnswer:
    """Fill what moved and has no text; the texts wait for a reviewer."""
    deployment = open_deployment(session, identity, slug, Permission.SOURCE_IMPORT)
    left, adopted = adopt_left_behind(session, deployment, actor=identity.actor, now=now)
    return _moved(left, adopted)


def _moved(left: Sequence[LeftBehind], adopted: Mapping[str, EntryReport]) -> MovedAnswer:
    return MovedAnswer(
        units=[MovedUnitAnswer(old=found.unit.old, new=found.unit.new, locales=list(found.locales)) for found in left],
        adopted={locale: report.written for locale, report in adopted.items()},
    )


@router.post("/{slug}/snapshots/{number}/activate", summary="Make an older snapshot current again")
def activate(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, number: int) -> SourceAnswer:
    """Make an older snapshot current again."""
    deployment = open_deployment(session, identity, slug, Permission.SOURCE_IMPORT)
    return SourceAnswer(**report_data(activate_source(session, deployment, number, actor=identity.actor, now=now)))


@router.post("/{slug}/scope", summary="Change what is to be translated, and how carefully")
def change_scope(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, body: ScopeBody) -> ScopeAnswer:
    """Add one rule of scope."""
    deployment = open_deployment(session, identity, slug, Permission.SCOPE_MANAGE)
    change = add_rule(
        session,
        deployment,
        action=ScopeAction(body.action),
        pattern=body.pattern,
        tag=body.tag,
        reason=body.reason,
        actor=identity.actor,
        now=now,
    )
    return ScopeAnswer(matched=change.matched, changed=change.changed)


@router.post("/{slug}/format", summary="Choose the file format of its texts on Transifex")
def set_format(
    session: SessionDep, identity: IdentityDep, now: NowDep, slug: str, body: FormatBody
) -> DeploymentAnswer:
    """Choose the format, which is refused once texts were pushed in another one."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_MANAGE)
    choose_format(session, deployment, body.transifex_format, actor=identity.actor, now=now)
    return _answer(describe_deployment(session, deployment))
