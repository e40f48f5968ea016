"""The web application: where the real things are made, and where every feature's routes come together."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI

from service import clock
from service.auth import endpoints as auth_endpoints
from service.auth import pages as auth_pages
from service.auth.dependencies import IdentityDep
from service.bundles import endpoints as bundles_endpoints
from service.db import Database
from service.home import endpoints as home_endpoints
from service.home import pages as home_pages
from service.home.endpoints import hooks as hooks_endpoints
from service.settings import Settings
from service.web import endpoints as web_endpoints
from service.web.middleware import install_middleware
from service.web.problems import install_problem_handlers, problem_responses
from service.web.resources import Resources
from service.web.secrets import KEY_FILE, SecretBox
from service.web.templating import Static, Templates

DISTRIBUTION = "primero-translation-bridge"

#: One line a feature: each brings the ``router`` of its ``endpoints.py`` or ``pages.py``.
ROUTERS: tuple[APIRouter, ...] = (
    web_endpoints.router,
    auth_endpoints.router,
    auth_pages.router,
    home_endpoints.router,
    hooks_endpoints.router,
    home_pages.router,
    bundles_endpoints.router,
)


def build_resources(settings: Settings) -> Resources:
    """Make everything real from the settings: the data folder, the database, the box of secrets, the clock."""
    folder = settings.make_data_dir()
    return Resources(
        settings=settings,
        database=Database(settings.effective_database_url),
        clock=clock.now,
        secrets=SecretBox(folder / KEY_FILE),
    )


def create_app(resources: Resources, *, routers: Sequence[APIRouter] = ROUTERS) -> FastAPI:
    """Return the application over these resources; it closes the database when it stops."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        resources.database.close()

    app = FastAPI(
        title="Primero Translation Bridge",
        version=version(DISTRIBUTION),
        # Their pages load scripts from elsewhere, and the description is for people who are signed in.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        responses=problem_responses(),
        redirect_slashes=False,
        telemetry={"tracing": False},
        lifespan=lifespan,
    )
    app.state.resources = resources
    app.state.static = Static(Path(__file__).parent / "web" / "static")
    app.state.templates = Templates(app.state.static)
    install_problem_handlers(app)
    install_middleware(app, resources)
    for router in routers:
        app.include_router(router)

    @app.get("/api/v1/openapi.json", summary="This description")
    def describe_api(_: IdentityDep) -> dict[str, Any]:
        """Return the description of the API in OpenAPI's format."""
        return app.openapi()

    return app
