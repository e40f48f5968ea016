"""Numbers for a monitor that speaks Prometheus's format: public, proven by a token of its own."""

from hmac import compare_digest
from typing import cast

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.responses import Response

from service.errors import NotFound, NotReady, NotSignedIn
from service.home.metrics import DatabaseMetrics
from service.settings import Settings
from service.web.metrics import RequestMetrics
from service.web.resources import ResourcesDep

router = APIRouter()


@router.get("/metrics", include_in_schema=False)
def show_metrics(request: Request, resources: ResourcesDep) -> Response:
    """Show every number: 404 where the setting is off, 401 without the token."""
    _check(request, resources.settings)
    registry = CollectorRegistry()
    registry.register(DatabaseMetrics(resources))
    metrics = cast(RequestMetrics, request.app.state.metrics)
    body = generate_latest(metrics.registry) + generate_latest(registry)
    return Response(body, media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _check(request: Request, settings: Settings) -> None:
    try:
        wanted = settings.read_metrics_token()
    except (OSError, UnicodeDecodeError) as error:
        raise NotReady("BRIDGE_METRICS_TOKEN_FILE cannot be read: correct it.") from error
    if wanted is None:
        raise NotFound("Nothing is measured here: whoever runs the service can set BRIDGE_METRICS_TOKEN.")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    known = compare_digest(token.strip().encode("utf-8", "surrogatepass"), wanted.get_secret_value().encode())
    if scheme.lower() != "bearer" or not known:
        raise NotSignedIn("Send the token of BRIDGE_METRICS_TOKEN in the Authorization header, as a bearer token.")
