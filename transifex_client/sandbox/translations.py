"""Translations: one for every string and target language, whether translated or not."""

from collections.abc import Mapping
from datetime import datetime

from transifex_client.ids import language_id, user_id
from transifex_client.sandbox import bodies
from transifex_client.sandbox.bodies import Body, Schema, is_bulk, read_body, read_bulk
from transifex_client.sandbox.exchange import Exchange, stamp
from transifex_client.sandbox.http import Fault, Response, answer, to_one
from transifex_client.sandbox.languages import categories_of
from transifex_client.sandbox.queries import Query, answer_page, code_in, read_query
from transifex_client.sandbox.state import ResourceState, State, StringState, TranslationState
from transifex_client.sandbox.strings import has_tags, in_order, show_string

_CHANGED = Schema(
    kind="resource_translations",
    attributes={
        "strings": bodies.plural_texts_or_null,
        "reviewed": bodies.boolean,
        "proofread": bodies.boolean,
    },
)
_FILTERS = (
    "date_translated][gt",
    "date_translated][lt",
    "translated",
    "reviewed",
    "proofread",
    "finalized",
    "translator",
    "origin",
    "resource_string][key",
    "resource_string][date_modified][gte",
    "resource_string][date_modified][lte",
    "resource_string][tags][all",
    "resource_string][tags][any",
    "resource_string][tags][query",
)

Row = tuple[StringState, TranslationState | None]


def list_translations(exchange: Exchange) -> Response:
    """Answer GET /resource_translations."""
    query = read_query(
        exchange.request,
        required=("resource", "language"),
        optional=_FILTERS,
        limited=True,
        includes=("resource_string",),
    )
    resource = exchange.state.resource(query.filters["resource"])
    language = code_in(query.filters["language"], "filter[language]")
    project = exchange.state.project_of(resource)
    if language not in project.languages:
        raise Fault(400, f"{language} is not a language of the project", parameter="filter[language]")
    rows = [(string, string.translations.get(language)) for string in in_order(resource)]
    return answer_page(
        query,
        [row for row in rows if _passes(row, query)],
        lambda row: show_translation(resource, row[0], language),
        include=lambda row: show_string(resource, row[0], project.source_language),
    )


def _passes(row: Row, query: Query) -> bool:
    string, text = row
    key, origin = query.filters.get("resource_string][key"), query.filters.get("origin")
    translator = query.known("translator", "u:")
    facts = {
        "translated": text is not None,
        "reviewed": text is not None and text.reviewed,
        "proofread": text is not None and text.proofread,
        "finalized": text is not None and text.reviewed,
    }
    return (
        all(query.boolean(name) in (None, fact) for name, fact in facts.items())
        and key in (None, string.key)
        and (origin is None or (text is not None and text.origin == origin))
        and (translator is None or (text is not None and text.translator == translator.removeprefix("u:")))
        and query.within(text.translated_at if text else None, "date_translated")
        and query.within(string.strings_modified_at, "resource_string][date_modified")
        and has_tags(string, query, "resource_string][tags")
    )


def get_translation(exchange: Exchange) -> Response:
    """Answer GET /resource_translations/ID."""
    query = read_query(exchange.request, paged=False, includes=("resource_string",))
    resource, string, language = find(exchange.state, exchange.id)
    document: dict[str, object] = {"data": show_translation(resource, string, language)}
    if query.include:
        source = exchange.state.project_of(resource).source_language
        document["included"] = [show_string(resource, string, source)]
    return answer(document)


def change_translation(exchange: Exchange) -> Response:
    """Answer PATCH /resource_translations/ID."""
    resource, string, language = find(exchange.state, exchange.id)
    body = read_body(exchange.request, _CHANGED, identifier=exchange.id)
    _check(string, language, body, "/data")
    _apply(exchange, body)
    return answer({"data": show_translation(resource, string, language)})


def change_translations(exchange: Exchange) -> Response:
    """Answer the bulk PATCH /resource_translations: all or nothing, all of one resource and language."""
    if not is_bulk(exchange.request):
        raise Fault(400, 'The content type must have the profile "bulk" here')
    changes = read_bulk(exchange.request, _CHANGED)
    found = [find(exchange.state, str(body.id)) for body in changes]
    if len({(resource.id, language) for resource, _, language in found}) > 1:
        raise Fault(400, "All items must belong to one resource and language", pointer="/data")
    for index, (body, (_, string, language)) in enumerate(zip(changes, found, strict=True)):
        _check(string, language, body, f"/data/{index}")
    for body in changes:
        _apply(exchange, body)
    return answer({"data": [show_translation(*each) for each in found]})


def find(state: State, identifier: str) -> tuple[ResourceState, StringState, str]:
    """Return resource, string and language of a translation's id, or refuse with 404."""
    place, _, language = identifier.rpartition(":l:")
    resource, string = state.string(place)
    if language not in state.project_of(resource).languages:
        raise Fault(404, f"Nothing was found with the id {identifier}.")
    return resource, string, language


def _check(string: StringState, language: str, body: Body, pointer: str) -> None:
    given = body.attributes
    strings = given.get("strings")
    if isinstance(strings, dict):
        wanted = forms_wanted(string, language)
        if set(strings) != wanted or not all(strings.values()):
            raise Fault(
                400, f"'strings' must hold {', '.join(sorted(wanted))}", pointer=f"{pointer}/attributes/strings"
            )
    stays_empty = "strings" not in given and language not in string.translations
    if (given.get("reviewed") or given.get("proofread")) and (stays_empty or given.get("strings", "") is None):
        raise Fault(400, "What is not translated cannot be reviewed", pointer=f"{pointer}/attributes")


def forms_wanted(string: StringState, language: str) -> set[str]:
    """Return the plural categories that a translation of this string into this language must hold."""
    return set(categories_of(language)) if string.pluralized else {"other"}


def _apply(exchange: Exchange, body: Body) -> None:
    resource, string, language = find(exchange.state, str(body.id))
    given = body.attributes
    if "strings" in given:
        strings = given["strings"]
        if isinstance(strings, dict):
            write_text(resource, string, language, strings, origin="API", user=exchange.user, now=exchange.now)
        elif string.translations.pop(language, None) is not None:
            resource.touch(language, exchange.now, translation=True)
    text = string.translations.get(language)
    if text is None:
        return
    if "reviewed" in given:
        reviewed = bool(given["reviewed"])
        write_review(resource, string, language, reviewed=reviewed, user=exchange.user, now=exchange.now)
    if "proofread" in given:
        if given["proofread"] and not text.proofread:
            resource.activity_of(language, exchange.user, exchange.now).proofread += string.words
        text.proofread = bool(given["proofread"])
        text.proofreader = exchange.user if text.proofread else None
        text.proofread_at = exchange.now if text.proofread else None
        resource.touch(language, exchange.now, proofread=True)


def write_text(
    resource: ResourceState,
    string: StringState,
    language: str,
    strings: Mapping[str, str],
    *,
    origin: str,
    user: str,
    now: datetime,
) -> bool:
    """Write a translation; a text that is already there changes nothing, another one loses the review with the text.

    Returns whether something changed.
    """
    present = string.translations.get(language)
    if present is not None and present.strings == dict(strings):
        return False
    day = resource.activity_of(language, user, now)
    if present is None:
        day.new += string.words
    else:
        day.edited += string.words
    string.translations[language] = TranslationState(dict(strings), origin, user, now)
    resource.touch(language, now, translation=True)
    return True


def write_review(
    resource: ResourceState, string: StringState, language: str, *, reviewed: bool, user: str, now: datetime
) -> None:
    """Mark a translation, which must be there, as reviewed, or take the mark away."""
    text = string.translations[language]
    if reviewed and not text.reviewed:
        resource.activity_of(language, user, now).reviewed += string.words
    text.reviewed = reviewed
    text.reviewer = user if reviewed else None
    text.reviewed_at = now if reviewed else None
    resource.touch(language, now, review=True)


def show_translation(resource: ResourceState, string: StringState, language: str) -> object:
    """Return a translation as JSON; an untranslated one has ``strings`` null."""
    text = string.translations.get(language)
    place = f"{resource.id}:s:{string.hash}"
    identifier = f"{place}:l:{language}"
    return {
        "type": "resource_translations",
        "id": identifier,
        "attributes": {
            "strings": text.strings if text else None,
            "reviewed": bool(text and text.reviewed),
            "proofread": bool(text and text.proofread),
            "finalized": bool(text and text.reviewed),
            "origin": text.origin if text else None,
            "datetime_created": stamp(string.created_at),
            "datetime_translated": stamp(text.translated_at) if text else None,
            "datetime_reviewed": stamp(text.reviewed_at) if text else None,
            "datetime_proofread": stamp(text.proofread_at) if text else None,
        },
        "relationships": {
            "resource": to_one("resources", resource.id),
            "resource_string": to_one("resource_strings", place),
            "language": to_one("languages", language_id(language)),
            "translator": _person(text.translator if text else None),
            "reviewer": _person(text.reviewer if text else None),
            "proofreader": _person(text.proofreader if text else None),
        },
        "links": {"self": f"/resource_translations/{identifier}"},
    }


def _person(username: str | None) -> object:
    return to_one("users", None if username is None else user_id(username))
