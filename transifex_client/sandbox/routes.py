"""Which handler answers which address."""

import re
from dataclasses import dataclass

from transifex_client.sandbox import (
    activity,
    comments,
    controls,
    downloads,
    faults,
    hooks,
    people,
    projects,
    resources,
    statistics,
    strings,
    translations,
    uploads,
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
    make_route("PATCH", "/projects/ID", projects.change_project),
    make_route("DELETE", "/projects/ID", projects.delete_project),
    make_route("GET", "/projects/ID/relationships/team", projects.get_project_team),
    make_route("PATCH", "/projects/ID/relationships/team", projects.change_project_team),
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
    make_route("DELETE", "/resources/ID", resources.delete_resource),
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
    make_route("GET", "/resource_string_comments", comments.list_comments),
    make_route("POST", "/resource_string_comments", comments.create_comment),
    make_route("GET", "/resource_string_comments/ID", comments.get_comment),
    make_route("PATCH", "/resource_string_comments/ID", comments.change_comment),
    make_route("GET", "/teams", people.list_teams),
    make_route("POST", "/teams", people.create_team),
    make_route("GET", "/teams/ID", people.get_team),
    make_route("GET", "/team_memberships", people.list_memberships),
    make_route("POST", "/team_memberships", people.create_membership),
    make_route("GET", "/team_memberships/ID", people.get_membership),
    make_route("PATCH", "/team_memberships/ID", people.change_membership),
    make_route("DELETE", "/team_memberships/ID", people.delete_membership),
    make_route("GET", "/project_webhooks", hooks.list_webhooks),
    make_route("POST", "/project_webhooks", hooks.create_webhook),
    make_route("GET", "/project_webhooks/ID", hooks.get_webhook),
    make_route("PATCH", "/project_webhooks/ID", hooks.change_webhook),
    make_route("DELETE", "/project_webhooks/ID", hooks.delete_webhook),
    make_route("GET", f"/{activity.TOTALS}", activity.show_totals),
    make_route("POST", f"/{activity.REPORTS}", activity.start_report),
    make_route("GET", f"/{activity.REPORTS}/ID", activity.poll_report),
    make_route("POST", "/_sandbox/translate", controls.post_translate),
    make_route("POST", "/_sandbox/review", controls.post_review),
    make_route("POST", "/_sandbox/comment", controls.post_comment),
    make_route("POST", "/_sandbox/edit", controls.post_edit),
    make_route("POST", "/_sandbox/delete", controls.post_delete),
    make_route("POST", "/_sandbox/users", controls.post_user),
    make_route("GET", "/_sandbox/state", controls.get_state),
    make_route("GET", "/_sandbox/faults", faults.get_faults),
    make_route("POST", "/_sandbox/faults", faults.post_faults),
    make_route("DELETE", "/_sandbox/faults", faults.delete_faults),
)
