"""Source strings: listed, and their metadata or text changed."""

from collections.abc import Mapping
from datetime import datetime

from transifex_client.ids import language_id, user_id
from transifex_client.sandbox import bodies
from transifex_client.sandbox.bodies import Body, Schema, is_bulk, read_body, read_bulk
from transifex_client.sandbox.exchange import Exchange, stamp
from transifex_client.sandbox.http import Fault, Response, answer, to_one
from transifex_client.sandbox.languages import categories_of
from transifex_client.sandbox.queries import Query, answer_page, read_query
from transifex_client.sandbox.state import ResourceState, State, StringState
from transifex_client.sandbox.tag_query import parse_tag_query

_METADATA = {"character_limit": bodies.limit_or_null, "instructions": bodies.up_to(1000), "tags": bodies.texts}
_CHANGED = {**_METADATA, "strings": bodies.plural_texts}
_BULK = Schema(kind="resource_strings", attributes=_CHANGED)
_SINGLE = Schema(kind="resource_strings", attributes=_CHANGED | {"keep_translations": bodies.boolean})

DATE_FILTERS = ("strings_date_modified][gte", "strings_date_modified][lte")
TAG_FILTERS = ("tags][all", "tags][any", "tags][query")


def list_strings(exchange: Exchange) -> Response:
    """Answer GET /resource_strings."""
    query = read_query(
        exchange.request, required=("resource",), optional=("key", *DATE_FILTERS, *TAG_FILTERS), limited=True
    )
    resource = exchange.state.resource(query.filters["resource"])
    key = query.filters.get("key")
    found = [
        string
        for string in in_order(resource)
        if key in (None, string.key)
        and query.within(string.strings_modified_at, "strings_date_modified")
        and has_tags(string, query, "tags")
    ]
    language = exchange.state.project_of(resource).source_language
    return answer_page(query, found, lambda string: show_string(resource, string, language))


def in_order(resource: ResourceState) -> list[StringState]:
    """Return the strings of a resource as they stand in its file."""
    return sorted(resource.strings.values(), key=lambda string: string.order)


def has_tags(string: StringState, query: Query, name: str) -> bool:
    """Return whether a string passes the tag filters ``all``, ``any`` (``*`` is any tag at all) and ``query``."""
    every, some = query.filters.get(f"{name}][all"), query.filters.get(f"{name}][any")
    if every is not None and not set(every.split(",")) <= set(string.tags):
        return False
    wanted = query.filters.get(f"{name}][query")
    if wanted is not None and not parse_tag_query(wanted, f"filter[{name}][query]")(set(string.tags)):
        return False
    if some == "*":
        return bool(string.tags)
    return some is None or bool(set(some.split(",")) & set(string.tags))


def get_string(exchange: Exchange) -> Response:
    """Answer GET /resource_strings/ID."""
    return answer({"data": _shown(exchange, exchange.id)})


def change_string(exchange: Exchange) -> Response:
    """Answer PATCH /resource_strings/ID; its translations stay unless the body says otherwise."""
    exchange.state.string(exchange.id)
    body = read_body(exchange.request, _SINGLE, identifier=exchange.id)
    _check(exchange, body, "/data")
    _apply(exchange, body)
    return answer({"data": _shown(exchange, exchange.id)})


def change_strings(exchange: Exchange) -> Response:
    """Answer the bulk PATCH /resource_strings: all or nothing, all of one resource."""
    if not is_bulk(exchange.request):
        raise Fault(400, 'The content type must have the profile "bulk" here')
    changes = read_bulk(exchange.request, _BULK)
    for index, body in enumerate(changes):
        _check(exchange, body, f"/data/{index}")
    if len({str(body.id).partition(":s:")[0] for body in changes}) > 1:
        raise Fault(400, "All items must belong to one resource", pointer="/data")
    for body in changes:
        _apply(exchange, body)
    return answer({"data": [_shown(exchange, str(body.id)) for body in changes]})


def _check(exchange: Exchange, body: Body, pointer: str) -> None:
    resource, string = exchange.state.string(str(body.id))
    strings = body.attributes.get("strings")
    if isinstance(strings, dict):
        check_source(exchange.state, resource, string, strings, f"{pointer}/attributes/strings")


def check_source(
    state: State, resource: ResourceState, string: StringState, strings: Mapping[str, str], pointer: str | None = None
) -> None:
    """Refuse source texts that are not one for each plural category of the source language."""
    source = state.project_of(resource).source_language
    wanted = set(categories_of(source)) if string.pluralized else {"other"}
    if set(strings) != wanted or not all(strings.values()):
        raise Fault(400, f"'strings' must hold {', '.join(sorted(wanted))}", pointer=pointer)


def _apply(exchange: Exchange, body: Body) -> None:
    resource, string = exchange.state.string(str(body.id))
    given = body.attributes
    if given.keys() & _METADATA.keys():
        string.metadata_modified_at = exchange.now
    limit, tags, strings = given.get("character_limit"), given.get("tags"), given.get("strings")
    if "character_limit" in given:
        string.character_limit = limit if isinstance(limit, int) and limit else None
    if "instructions" in given:
        string.instructions = str(given["instructions"]) if given["instructions"] else None
    if isinstance(tags, list):
        string.tags = [str(tag) for tag in tags]
    if isinstance(strings, dict):
        texts = {str(name): str(text) for name, text in strings.items()}
        keep = given.get("keep_translations", True) is not False
        write_source(resource, string, texts, user=exchange.user, now=exchange.now, keep_translations=keep)


def write_source(
    resource: ResourceState,
    string: StringState,
    strings: Mapping[str, str],
    *,
    user: str,
    now: datetime,
    keep_translations: bool,
) -> bool:
    """Change a source text on the platform, where uploads leave it alone from now on. Return whether it changed."""
    if string.strings == strings:
        return False
    string.strings = dict(strings)
    string.strings_modified_at, string.edited, string.committer = now, True, user
    resource.modified_at = now
    if not keep_translations:
        for language in string.translations:
            resource.touch(language, now, translation=True)
        string.translations.clear()
    return True


def _shown(exchange: Exchange, identifier: str) -> object:
    resource, string = exchange.state.string(identifier)
    return show_string(resource, string, exchange.state.project_of(resource).source_language)


def show_string(resource: ResourceState, string: StringState, language: str) -> object:
    """Return a source string as JSON."""
    identifier = f"{resource.id}:s:{string.hash}"
    return {
        "type": "resource_strings",
        "id": identifier,
        "attributes": {
            "key": string.key,
            "context": string.context,
            "string_hash": string.hash,
            "strings": string.strings,
            "pluralized": string.pluralized,
            "appearance_order": string.order,
            "occurrences": string.occurrences,
            "developer_comment": string.developer_comment,
            "instructions": string.instructions,
            "character_limit": string.character_limit,
            "tags": string.tags,
            "datetime_created": stamp(string.created_at),
            "strings_datetime_modified": stamp(string.strings_modified_at),
            "metadata_datetime_modified": stamp(string.metadata_modified_at),
        },
        "relationships": {
            "resource": to_one("resources", resource.id),
            "language": to_one("languages", language_id(language)),
            "committer": to_one("users", user_id(string.committer)),
        },
        "links": {"self": f"/resource_strings/{identifier}"},
    }
