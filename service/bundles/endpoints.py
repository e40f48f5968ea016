"""The API of bundles."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from service.auth.dependencies import IdentityDep
from service.auth.rules import Permission
from service.bundles.rules.gate import Policy
from service.bundles.service import build_bundle, record_build
from service.catalog.access import open_deployment
from service.version import VERSION
from service.web.resources import NowDep, SessionDep

router = APIRouter(prefix="/api/v1", tags=["bundles"])

_ZIP = "application/zip"


@router.post(
    "/deployments/{slug}/locales/{locale}/bundle",
    summary="Build the bundle of a language",
    response_class=Response,
    responses={
        200: {
            "content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}},
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
) -> Response:
    """Answer with the archive that Primero takes, and note in the audit who fetched it."""
    deployment = open_deployment(session, identity, slug, Permission.BUNDLE_BUILD, locale, changing=False)
    bundle = build_bundle(session, deployment, locale, policy=policy, version=VERSION)
    record_build(session, identity.actor, bundle, now)
    headers = {
        # The name is made of letters, digits and hyphens alone.
        "Content-Disposition": f'attachment; filename="{bundle.name}"',
        "ETag": f'"{bundle.sha256}"',
        "X-Bundle-Texts": str(bundle.manifest.counts.texts),
    }
    return Response(bundle.data, media_type=_ZIP, headers=headers)
