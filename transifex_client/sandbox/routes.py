"""Which handler answers which address."""

import re
from dataclasses import dataclass

from transifex_client.sandbox import (
    downloads,
    projects,
    resources,
    statistics,
    strings,
    translations,
    uploads,
    volunteers,
)
from transifex_client.sandbox.exchange import Handler


@dataclass(frozen=True, slots=True)
class Route:
    """One address and method."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler


def make_route(method: str, path: str, handler: Handler) -> Route:
    """Return a route; ``ID`` in its path stands for any one part."""
    return Route(method, re.compile(path.replace("ID", "([^/]+)")), handler)


ROUTES: tuple[Route, ...] = (
    make_route("GET", "/organizations", projects.list_organizations),
    make_route("GET", "/organizations/ID", projects.get_organization),
    make_route("GET", "/projects", projects.list_projects),
    make_route("POST", "/projects", projects.create_project),
    make_route("GET", "/projects/ID", projects.get_project),
    make_route("GET", "/projects/ID/languages", projects.list_project_languages),
    make_route("GET", "/projects/ID/relationships/languages", projects.list_project_language_identifiers),
    make_route("POST", "/projects/ID/relationships/languages", projects.change_project_languages),
    make_route("PATCH", "/projects/ID/relationships/languages", projects.change_project_languages),
    make_route("DELETE", "/projects/ID/relationships/languages", projects.change_project_languages),
    make_route("GET", "/languages", projects.list_languages),
    make_route("GET", "/languages/ID", projects.get_language),
    make_route("GET", "/i18n_formats", projects.list_formats),
    make_route("GET", "/users/ID", projects.get_user),
    make_route("GET", "/resources", resources.list_resources),
    make_route("POST", "/resources", resources.create_resource),
    make_route("GET", "/resources/ID", resources.get_resource),
    make_route("PATCH", "/resources/ID", resources.change_resource),
    make_route("GET", "/resource_strings", strings.list_strings),
    make_route("PATCH", "/resource_strings", strings.change_strings),
    make_route("GET", "/resource_strings/ID", strings.get_string),
    make_route("PATCH", "/resource_strings/ID", strings.change_string),
    make_route("GET", "/resource_translations", translations.list_translations),
    make_route("PATCH", "/resource_translations", translations.change_translations),
    make_route("GET", "/resource_translations/ID", translations.get_translation),
    make_route("PATCH", "/resource_translations/ID", translations.change_translation),
    make_route("GET", "/resource_language_stats", statistics.list_statistics),
    make_route("GET", "/resource_language_stats/ID", statistics.get_statistics),
    make_route("POST", f"/{uploads.SOURCES}", uploads.upload_source),
    make_route("GET", f"/{uploads.SOURCES}/ID", uploads.poll_source),
    make_route("POST", f"/{uploads.TRANSLATIONS}", uploads.upload_translations),
    make_route("GET", f"/{uploads.TRANSLATIONS}/ID", uploads.poll_translations),
    make_route("POST", f"/{downloads.SOURCES}", downloads.download_source),
    make_route("GET", f"/{downloads.SOURCES}/ID", downloads.poll_source),
    make_route("POST", f"/{downloads.TRANSLATIONS}", downloads.download_translations),
    make_route("GET", f"/{downloads.TRANSLATIONS}/ID", downloads.poll_translations),
    make_route("POST", "/_sandbox/translate", volunteers.post_translate),
    make_route("POST", "/_sandbox/review", volunteers.post_review),
    make_route("GET", "/_sandbox/state", volunteers.get_state),
)
