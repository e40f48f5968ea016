"""The web application: where every feature's routes come together."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request

from service.auth import account_pages, forgotten_pages
from service.auth import endpoints as auth_endpoints
from service.auth import pages as auth_pages
from service.auth.dependencies import IdentityDep
from service.bundles import endpoints as bundles_endpoints
from service.bundles import pages as bundles_pages
from service.home import endpoints as home_endpoints
from service.home import pages as home_pages
from service.home.endpoints import hooks as hooks_endpoints
from service.home.endpoints import metrics as metrics_endpoints
from service.home.questions import find_threads
from service.mail import pages as mail_pages
from service.review import pages as review_pages
from service.web import endpoints as web_endpoints
from service.web.metrics import Measure, RequestMetrics
from service.web.middleware import install_middleware
from service.web.problems import install_problem_handlers, problem_responses
from service.web.resources import Resources
from service.web.tags import describe_tags
from service.web.templating import Static, Templates

DISTRIBUTION = "primero-translation-bridge"

#: One line a feature: each brings the ``router`` of its ``endpoints.py`` or ``pages.py``.
ROUTERS: tuple[APIRouter, ...] = (
    web_endpoints.router,
    auth_endpoints.router,
    auth_pages.router,
    account_pages.router,
    forgotten_pages.router,
    home_endpoints.router,
    hooks_endpoints.router,
    metrics_endpoints.router,
    home_pages.router,
    review_pages.router,
    mail_pages.router,
    mail_pages.account_router,
    bundles_endpoints.router,
    bundles_pages.router,
)


def create_app(resources: Resources, *, routers: Sequence[APIRouter] = ROUTERS) -> FastAPI:
    """Return the application over these resources; it closes the database when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        used: Resources = app.state.resources
        used.database.close()

    app = FastAPI(
        title="Primero Translation Bridge",
        version=version(DISTRIBUTION),
        # Their pages load scripts from elsewhere, and the description is for people who are signed in.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        responses=problem_responses(),
        redirect_slashes=False,
        # What programs made of the description call their functions by: it stays when an address changes.
        generate_unique_id_function=lambda route: "_".join([*map(str, route.tags[:1]), route.name]).replace("-", "_"),
        telemetry={"tracing": False},
        lifespan=lifespan,
    )
    app.state.resources = resources
    app.state.static = Static(Path(__file__).parent / "web" / "static")
    app.state.templates = Templates(app.state.static)
    app.state.find_threads = find_threads
    app.state.sign_in_again = auth_pages.show_sign_in_again
    install_problem_handlers(app)
    install_middleware(app, resources)
    app.state.metrics = RequestMetrics()
    if resources.settings.measured:
        app.add_middleware(Measure, metrics=app.state.metrics)
    for router in routers:
        app.include_router(router)

    app.add_api_route("/api/v1/openapi.json", describe_api, summary="This description")
    app.state.metrics.learn_patterns(app)
    return app


def describe_api(request: Request, _: IdentityDep) -> dict[str, Any]:
    """Return the description of the API in OpenAPI's format."""
    # No function inside of create_app: the framework remembers endpoints, and with it every application ever made.
    application: FastAPI = request.app
    return describe_tags(application.openapi())
