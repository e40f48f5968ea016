"""Statistics of each resource in each language, counted from what is there."""

from transifex_client.ids import language_id
from transifex_client.sandbox.exchange import Exchange, stamp
from transifex_client.sandbox.http import Fault, Response, answer, to_one
from transifex_client.sandbox.queries import answer_page, code_in, read_query
from transifex_client.sandbox.state import LanguageTimes, ProjectState, ResourceState, StringState


def list_statistics(exchange: Exchange) -> Response:
    """Answer GET /resource_language_stats; the source language has its rows too."""
    query = read_query(exchange.request, required=("project",), optional=("resource", "language"))
    project = exchange.state.project(query.filters["project"])
    wanted = query.filters.get("resource")
    language = query.filters.get("language")
    if wanted is not None:
        exchange.state.resource(wanted)
    codes = _codes(project) if language is None else [code_in(language, "filter[language]")]
    rows = [
        (resource, code)
        for resource in exchange.state.resources.values()
        if resource.project == project.id and wanted in (None, resource.id)
        for code in codes
        if code in _codes(project)
    ]
    return answer_page(query, rows, lambda row: show_statistics(row[0], row[1], project))


def get_statistics(exchange: Exchange) -> Response:
    """Answer GET /resource_language_stats/ID."""
    place, _, code = exchange.id.rpartition(":l:")
    resource = exchange.state.resource(place)
    project = exchange.state.project_of(resource)
    if code not in _codes(project):
        raise Fault(404, f"Nothing was found with the id {exchange.id}.")
    return answer({"data": show_statistics(resource, code, project)})


def _codes(project: ProjectState) -> list[str]:
    return [project.source_language, *project.languages]


def show_statistics(resource: ResourceState, language: str, project: ProjectState) -> object:
    """Return the statistics of one resource in one language as JSON; words are those of the source texts."""
    strings = list(resource.strings.values())
    if language == project.source_language:
        translated, untranslated, reviewed, proofread = strings, [], [], []
    else:
        translated = [string for string in strings if language in string.translations]
        untranslated = [string for string in strings if language not in string.translations]
        reviewed = [string for string in translated if string.translations[language].reviewed]
        proofread = [string for string in translated if string.translations[language].proofread]
    times = resource.times.get(language) or LanguageTimes(resource.modified_at)
    identifier = f"{resource.id}:l:{language}"
    return {
        "type": "resource_language_stats",
        "id": identifier,
        "attributes": {
            **_counts("total", strings),
            **_counts("translated", translated),
            **_counts("untranslated", untranslated),
            **_counts("reviewed", reviewed),
            **_counts("proofread", proofread),
            "last_update": stamp(max(times.update, resource.modified_at)),
            "last_translation_update": stamp(times.translation),
            "last_review_update": stamp(times.review),
            "last_proofread_update": stamp(times.proofread),
        },
        "relationships": {
            "resource": to_one("resources", resource.id),
            "language": to_one("languages", language_id(language)),
        },
        "links": {"self": f"/resource_language_stats/{identifier}"},
    }


def _counts(name: str, strings: list[StringState]) -> dict[str, int]:
    return {f"{name}_strings": len(strings), f"{name}_words": sum(string.words for string in strings)}
