"""Building a bundle that is no release."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from service.auth.dependencies import IdentityDep
from service.auth.rules import Permission
from service.bundles.rules.gate import Policy
from service.bundles.service import BuildOptions, build_bundle, record_build
from service.catalog.access import open_deployment
from service.version import VERSION
from service.web.resources import NowDep, SessionDep

router = APIRouter(tags=["bundles"])

ZIP = "application/zip"


@router.post(
    "/deployments/{slug}/locales/{locale}/bundle",
    summary="Build the bundle of a language",
    response_class=Response,
    responses={
        200: {
            "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}},
            "description": "The bundle. ETag is its SHA-256, X-Bundle-Texts the number of texts in it.",
        }
    },
)
def build(
    slug: str,
    locale: str,
    identity: IdentityDep,
    session: SessionDep,
    now: NowDep,
    policy: Annotated[Policy, Query(description="Which texts it takes.")] = Policy.APPROVED,
    partial_options: Annotated[bool, Query(description="Take option sets of which only a part is ready.")] = False,
    require_complete: Annotated[bool, Query(description="Refuse where anything in scope is missing.")] = False,
    allow: Annotated[
        str, Query(description="Why an incomplete sign-off may pass; it stands in the manifest.", max_length=500)
    ] = "",
) -> Response:
    """Answer with the archive that Primero takes, and note in the audit who fetched it. It is never numbered."""
    deployment = open_deployment(session, identity, slug, Permission.BUNDLE_BUILD, locale, changing=False)
    options = BuildOptions(policy, partial_options, require_complete, allow.strip())
    bundle = build_bundle(session, deployment, locale, options=options, version=VERSION)
    record_build(session, identity.actor, bundle, now)
    headers = {
        # The name is made of letters, digits and hyphens alone.
        "Content-Disposition": f'attachment; filename="{bundle.name}"',
        "ETag": f'"{bundle.sha256}"',
        "X-Bundle-Texts": str(bundle.manifest.counts.texts),
    }
    return Response(bundle.data, media_type=ZIP, headers=headers)
