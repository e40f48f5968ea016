"""Resources: created empty, filled by uploads."""

from transifex_client.ids import resource_id
from transifex_client.sandbox import bodies
from transifex_client.sandbox.bodies import Body, Schema, read_body
from transifex_client.sandbox.exchange import Exchange, stamp
from transifex_client.sandbox.formats import FORMATS
from transifex_client.sandbox.http import Fault, Response, answer, to_one
from transifex_client.sandbox.queries import answer_page, read_query
from transifex_client.sandbox.state import ResourceState, State

_CHANGEABLE = {
    "name": bodies.filled,
    "accept_translations": bodies.boolean,
    "priority": bodies.one_of("normal", "high", "urgent"),
    "categories": bodies.texts,
    **dict.fromkeys(("mp4_url", "ogg_url", "webm_url", "youtube_url"), bodies.text_or_null),
}
_NEW_RESOURCE = Schema(
    kind="resources",
    attributes=_CHANGEABLE | {"slug": bodies.filled, "i18n_options": lambda value: value is None},
    required=("name",),
    related={"project": "projects", "i18n_format": "i18n_formats", "base": "resources"},
    required_related=("project", "i18n_format"),
)
_CHANGED_RESOURCE = Schema(kind="resources", attributes=_CHANGEABLE)


def list_resources(exchange: Exchange) -> Response:
    """Answer GET /resources."""
    query = read_query(exchange.request, required=("project",), optional=("slug", "name"))
    project = exchange.state.project(query.filters["project"])
    slug, name = query.filters.get("slug"), query.filters.get("name")
    found = [
        resource
        for resource in exchange.state.resources.values()
        if resource.project == project.id and slug in (None, resource.slug) and name in (None, resource.name)
    ]
    return answer_page(query, found, show_resource)


def create_resource(exchange: Exchange) -> Response:
    """Answer POST /resources."""
    body = read_body(exchange.request, _NEW_RESOURCE)
    project = exchange.state.project(body.related["project"])
    if body.related["i18n_format"] not in FORMATS:
        raise Fault(
            400,
            f"'{body.related['i18n_format']}' is not one of {', '.join(FORMATS)}",
            pointer="/data/relationships/i18n_format",
        )
    name = str(body.attributes["name"])
    slug = str(body.attributes.get("slug") or "".join(letter for letter in name.lower() if letter.isalnum()))
    try:
        identifier = resource_id(project.id, slug)
    except ValueError:
        raise Fault(400, f"'{slug}' is not a valid slug", pointer="/data/attributes/slug") from None
    if identifier in exchange.state.resources:
        raise Fault(409, f"A resource with the slug '{slug}' already exists", pointer="/data/attributes/slug")
    resource = ResourceState(
        project=project.id,
        slug=slug,
        name=name,
        i18n_format=body.related["i18n_format"],
        created_at=exchange.now,
        modified_at=exchange.now,
    )
    if "base" in body.related:
        resource.base = exchange.state.resource(body.related["base"]).id
    _apply(resource, body)
    exchange.state.resources[identifier] = resource
    return answer({"data": show_resource(resource)}, status=201, headers={"Location": f"/resources/{identifier}"})


def get_resource(exchange: Exchange) -> Response:
    """Answer GET /resources/ID."""
    return answer({"data": show_resource(exchange.state.resource(exchange.id))})


def change_resource(exchange: Exchange) -> Response:
    """Answer PATCH /resources/ID; slug, format and project cannot change."""
    resource = exchange.state.resource(exchange.id)
    _apply(resource, read_body(exchange.request, _CHANGED_RESOURCE, identifier=resource.id))
    resource.modified_at = exchange.now
    return answer({"data": show_resource(resource)})


def delete_resource(exchange: Exchange) -> Response:
    """Answer DELETE /resources/ID: its strings, translations and comments go too."""
    drop_resource(exchange.state, exchange.state.resource(exchange.id))
    return Response(204)


def drop_resource(state: State, resource: ResourceState) -> None:
    """Drop a resource with all that is in it."""
    del state.resources[resource.id]
    resource.strings = {}
    state.drop_comments(resource)


def _apply(resource: ResourceState, body: Body) -> None:
    given = body.attributes
    resource.name = str(given.get("name", resource.name))
    resource.accept_translations = bool(given.get("accept_translations", resource.accept_translations))
    resource.priority = str(given.get("priority", resource.priority))
    categories = given.get("categories")
    if isinstance(categories, list):
        resource.categories = [str(category) for category in categories]


def show_resource(resource: ResourceState) -> object:
    """Return a resource as JSON."""
    return {
        "type": "resources",
        "id": resource.id,
        "attributes": {
            "name": resource.name,
            "slug": resource.slug,
            "accept_translations": resource.accept_translations,
            "priority": resource.priority,
            "categories": resource.categories,
            "i18n_options": None,
            "i18n_version": 2,
            "string_count": len(resource.strings),
            "word_count": sum(string.words for string in resource.strings.values()),
            "mp4_url": None,
            "ogg_url": None,
            "webm_url": None,
            "youtube_url": None,
            "datetime_created": stamp(resource.created_at),
            "datetime_modified": stamp(resource.modified_at),
        },
        "relationships": {
            "project": to_one("projects", resource.project),
            "i18n_format": to_one("i18n_formats", resource.i18n_format),
            "base": to_one("resources", resource.base),
        },
        "links": {"self": f"/resources/{resource.id}"},
    }
