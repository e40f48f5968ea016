"""Organizations, projects and their languages, languages, file formats, users."""

from collections.abc import Mapping

from transifex_client.ids import language_id, project_id, user_id
from transifex_client.sandbox import bodies
from transifex_client.sandbox.bodies import Schema, read_body, read_identifier, read_identifiers
from transifex_client.sandbox.exchange import Exchange, stamp
from transifex_client.sandbox.formats import FORMATS
from transifex_client.sandbox.formats.model import Format
from transifex_client.sandbox.http import Fault, Response, answer, to_many, to_one
from transifex_client.sandbox.languages import KnownLanguage, known_languages
from transifex_client.sandbox.queries import answer_page, answer_whole, code_in, read_query
from transifex_client.sandbox.resources import drop_resource
from transifex_client.sandbox.state import OrganizationState, ProjectState

_LICENSES = ("proprietary", "open_source", "permissive_open_source", "other_open_source")
_SWITCHES = ("translation_memory_fillup", "machine_translation_fillup", "ai_fillup")

_NEW_PROJECT = Schema(
    kind="projects",
    attributes={
        "name": bodies.filled,
        "slug": bodies.filled,
        "private": bodies.boolean,
        "type": bodies.one_of("live", "file"),
        "archived": bodies.boolean,
        "description": bodies.up_to(255),
        "long_description": bodies.up_to(1000),
        "homepage_url": bodies.text_or_null,
        "repository_url": bodies.text_or_null,
        "instructions_url": bodies.text_or_null,
        "license": bodies.one_of(*_LICENSES),
        "tags": bodies.texts,
        **dict.fromkeys(_SWITCHES, bodies.boolean),
    },
    required=("name", "slug", "private"),
    related={"organization": "organizations", "source_language": "languages", "team": "teams"},
    required_related=("organization", "source_language"),
)

_CHANGED_PROJECT = Schema(
    kind="projects",
    attributes={name: check for name, check in _NEW_PROJECT.attributes.items() if name not in ("slug", "type")},
    related={"team": "teams"},
    needs_attributes=False,
)


def list_organizations(exchange: Exchange) -> Response:
    """Answer GET /organizations."""
    query = read_query(exchange.request, optional=("slug",))
    wanted = query.filters.get("slug")
    found = [each for each in exchange.state.organizations.values() if wanted in (None, each.slug)]
    return answer_page(query, found, show_organization)


def get_organization(exchange: Exchange) -> Response:
    """Answer GET /organizations/ID."""
    return answer({"data": show_organization(exchange.state.organization(exchange.id))})


def show_organization(organization: OrganizationState) -> object:
    """Return an organization as JSON."""
    path = f"/organizations/{organization.id}"
    return {
        "type": "organizations",
        "id": organization.id,
        "attributes": {
            "name": organization.name,
            "slug": organization.slug,
            "private": organization.private,
            "logo_url": None,
        },
        "relationships": {
            name: {"links": {"related": f"/{name}?filter[organization]={organization.id}"}}
            for name in ("projects", "teams")
        },
        "links": {"self": path},
    }


def list_projects(exchange: Exchange) -> Response:
    """Answer GET /projects."""
    query = read_query(exchange.request, required=("organization",), optional=("slug", "name"))
    organization = exchange.state.organization(query.filters["organization"])
    slug, name = query.filters.get("slug"), query.filters.get("name")
    found = [
        project
        for project in exchange.state.projects.values()
        if project.organization == organization.slug and slug in (None, project.slug) and name in (None, project.name)
    ]
    return answer_page(query, found, show_project)


def create_project(exchange: Exchange) -> Response:
    """Answer POST /projects, which says 200 where other creates say 201."""
    body = read_body(exchange.request, _NEW_PROJECT)
    organization = exchange.state.organization(body.related["organization"])
    source = code_in(body.related["source_language"], "source_language")
    if source not in known_languages():
        raise Fault(404, f"There is no language {source}.", pointer="/data/relationships/source_language")
    attributes = dict(body.attributes)
    slug, name, private = str(attributes.pop("slug")), str(attributes.pop("name")), bool(attributes.pop("private"))
    try:
        identifier = project_id(organization.slug, slug)
    except ValueError:
        raise Fault(400, f"'{slug}' is not a valid slug", pointer="/data/attributes/slug") from None
    if identifier in exchange.state.projects:
        raise Fault(409, f"A project with the slug '{slug}' already exists", pointer="/data/attributes/slug")
    if "team" in body.related:
        exchange.state.team(body.related["team"])
    project = ProjectState(
        organization=organization.slug,
        slug=slug,
        name=name,
        private=private,
        source_language=source,
        created_at=exchange.now,
        modified_at=exchange.now,
        attributes={"tags": []},
        team=body.related.get("team"),
    )
    _write_attributes(project, attributes)
    exchange.state.projects[identifier] = project
    return answer({"data": show_project(project)})


def get_project(exchange: Exchange) -> Response:
    """Answer GET /projects/ID."""
    return answer({"data": show_project(exchange.state.project(exchange.id))})


def _write_attributes(project: ProjectState, attributes: Mapping[str, object]) -> None:
    for name, value in attributes.items():
        if isinstance(value, list):
            project.attributes[name] = [str(entry) for entry in value]
        elif value is None or isinstance(value, str | bool):
            project.attributes[name] = value


def change_project(exchange: Exchange) -> Response:
    """Answer PATCH /projects/ID; slug, type and source language cannot change."""
    project = exchange.state.project(exchange.id)
    body = read_body(exchange.request, _CHANGED_PROJECT, identifier=project.id)
    if "team" in body.related:
        project.team = exchange.state.team(body.related["team"]).id
    attributes = dict(body.attributes)
    project.name = str(attributes.pop("name", project.name))
    project.private = bool(attributes.pop("private", project.private))
    _write_attributes(project, attributes)
    project.modified_at = exchange.now
    return answer({"data": show_project(project)})


def delete_project(exchange: Exchange) -> Response:
    """Answer DELETE /projects/ID: its resources, lost ones too, and webhooks go with it."""
    state, project = exchange.state, exchange.state.project(exchange.id)
    for resource in [each for each in state.resources.values() if each.project == project.id]:
        drop_resource(state, resource)
    state.lost = {key: each for key, each in state.lost.items() if each.project != project.id}
    state.webhooks = {key: each for key, each in state.webhooks.items() if each.project != project.id}
    del state.projects[project.id]
    return Response(204)


def get_project_team(exchange: Exchange) -> Response:
    """Answer GET /projects/ID/relationships/team."""
    team = exchange.state.project(exchange.id).team
    return answer({"data": None if team is None else {"type": "teams", "id": team}})


def change_project_team(exchange: Exchange) -> Response:
    """Answer PATCH /projects/ID/relationships/team."""
    project = exchange.state.project(exchange.id)
    project.team = exchange.state.team(read_identifier(exchange.request, "teams")).id
    project.modified_at = exchange.now
    return Response(204)


def show_project(project: ProjectState) -> object:
    """Return a project as JSON."""
    path = f"/projects/{project.id}"
    attributes: dict[str, object] = {
        "name": project.name,
        "slug": project.slug,
        "private": project.private,
        "type": "file",
        "archived": False,
        "description": None,
        "long_description": None,
        "homepage_url": None,
        "repository_url": None,
        "instructions_url": None,
        "license": "proprietary",
        "logo_url": None,
        **dict.fromkeys(_SWITCHES, False),
        **project.attributes,
        "datetime_created": stamp(project.created_at),
        "datetime_modified": stamp(project.modified_at),
    }
    return {
        "type": "projects",
        "id": project.id,
        "attributes": attributes,
        "relationships": {
            "organization": to_one("organizations", f"o:{project.organization}"),
            "source_language": to_one("languages", language_id(project.source_language)),
            "team": to_one("teams", project.team),
            "languages": to_many(path, "languages"),
            "maintainers": to_many(path, "maintainers"),
            "resources": {"links": {"related": f"/resources?filter[project]={project.id}"}},
        },
        "links": {"self": path},
    }


def list_project_languages(exchange: Exchange) -> Response:
    """Answer GET /projects/ID/languages: the target languages, all at once."""
    query = read_query(exchange.request, paged=False)
    project = exchange.state.project(exchange.id)
    return answer_whole(query, [known_languages()[code] for code in project.languages], show_language)


def list_project_language_identifiers(exchange: Exchange) -> Response:
    """Answer GET /projects/ID/relationships/languages."""
    query = read_query(exchange.request, paged=False)
    codes = exchange.state.project(exchange.id).languages
    return answer_whole(query, codes, lambda code: {"type": "languages", "id": language_id(code)})


def change_project_languages(exchange: Exchange) -> Response:
    """Answer POST (add), DELETE (remove) and PATCH (replace all) of a project's languages.

    The translations of a removed language are lost: what really becomes of them is not known.
    """
    project = exchange.state.project(exchange.id)
    codes = [code_in(identifier, "languages") for identifier in read_identifiers(exchange.request, "languages")]
    for index, code in enumerate(codes):
        if code not in known_languages():
            raise Fault(404, f"There is no language {code}.", pointer=f"/data/{index}")
        if code == project.source_language:
            raise Fault(400, "The source language cannot be a target language", pointer=f"/data/{index}")
    kept = [] if exchange.request.method == "PATCH" else project.languages
    if exchange.request.method == "DELETE":
        project.languages = [code for code in kept if code not in codes]
    else:
        project.languages = list(dict.fromkeys([*kept, *codes]))
    project.modified_at = exchange.now
    for resource in exchange.state.resources.values():
        if resource.project != project.id:
            continue
        for string in resource.strings.values():
            string.translations = {
                code: text for code, text in string.translations.items() if code in project.languages
            }
    return Response(204)


def list_languages(exchange: Exchange) -> Response:
    """Answer GET /languages: the whole list at once."""
    query = read_query(exchange.request, optional=("code", "code][any"), paged=False)
    wanted = query.filters.get("code][any") or query.filters.get("code")
    codes = None if wanted is None else wanted.split(",")
    found = [language for code, language in known_languages().items() if codes is None or code in codes]
    return answer_whole(query, found, show_language)


def get_language(exchange: Exchange) -> Response:
    """Answer GET /languages/ID."""
    found = known_languages().get(exchange.id.removeprefix("l:"))
    if found is None:
        raise Fault(404, f"Nothing was found with the id {exchange.id}.")
    return answer({"data": show_language(found)})


def show_language(language: KnownLanguage) -> object:
    """Return a language as JSON; the words of its plural rules are not Transifex's."""
    return {
        "type": "languages",
        "id": language_id(language.code),
        "attributes": {
            "code": language.code,
            "name": language.name,
            "rtl": language.rtl,
            "plural_equation": "",
            "plural_rules": {category: f"the category {category} of CLDR" for category in language.categories},
        },
        "links": {"self": f"/languages/{language_id(language.code)}"},
    }


def list_formats(exchange: Exchange) -> Response:
    """Answer GET /i18n_formats: the whole list at once."""
    query = read_query(exchange.request, required=("organization",), optional=("name",), paged=False)
    exchange.state.organization(query.filters["organization"])
    wanted = query.filters.get("name")
    return answer_whole(query, [each for each in FORMATS.values() if wanted in (None, each.name)], show_format)


def show_format(shown: Format) -> object:
    """Return a file format as JSON."""
    return {
        "type": "i18n_formats",
        "id": shown.name,
        "attributes": {
            "name": shown.name,
            "description": shown.description,
            "file_extensions": list(shown.extensions),
            "media_type": "text/plain",
        },
    }


def get_user(exchange: Exchange) -> Response:
    """Answer GET /users/ID; a user is whoever has a token or has ever done something here."""
    return answer({"data": show_user(exchange.state.user(exchange.id))})


def show_user(username: str) -> object:
    """Return a user as JSON."""
    identifier = user_id(username)
    attributes, links = {"username": username}, {"self": f"/users/{identifier}"}
    return {"type": "users", "id": identifier, "attributes": attributes, "links": links}
