"""Downloads: files made from the state, offered at a second place under a link that expires and wants no token."""

import base64
from collections.abc import Mapping
from datetime import timedelta

from transifex_client.sandbox import bodies, jobs
from transifex_client.sandbox.bodies import Schema, read_body
from transifex_client.sandbox.exchange import Exchange
from transifex_client.sandbox.formats import FORMATS
from transifex_client.sandbox.formats.model import Filling
from transifex_client.sandbox.http import Fault, Request, Response, answer
from transifex_client.sandbox.languages import categories_of
from transifex_client.sandbox.queries import code_in
from transifex_client.sandbox.state import JobState, LinkState, ResourceState, State, StringState

SOURCES = "resource_strings_async_downloads"
TRANSLATIONS = "resource_translations_async_downloads"
STORAGE = "/_storage/files/"

_ONLY = {"onlytranslated": "translated", "onlyreviewed": "reviewed", "onlyproofread": "proofread"}
_MODES = ("default", "reviewed", "proofread", "translator", "untranslated", *_ONLY, "sourceastranslation")
_COMMON = {
    "content_encoding": bodies.one_of("text", "base64"),
    "pseudo": bodies.boolean,
    "callback_url": bodies.text_or_null,
}
_TRANSLATION = Schema(
    kind=TRANSLATIONS,
    attributes=_COMMON | {"file_type": bodies.one_of("default", "xliff", "json"), "mode": bodies.one_of(*_MODES)},
    related={"resource": "resources", "language": "languages"},
    required_related=("resource", "language"),
)
_SOURCE = Schema(
    kind=SOURCES,
    attributes=_COMMON | {"file_type": bodies.one_of("default", "xliff")},
    related={"resource": "resources"},
    required_related=("resource",),
)


def download_translations(exchange: Exchange) -> Response:
    """Answer POST /resource_translations_async_downloads."""
    return _start(exchange, _TRANSLATION, _make_translations)


def poll_translations(exchange: Exchange) -> Response:
    """Answer GET /resource_translations_async_downloads/ID."""
    return offer(exchange, jobs.poll(exchange, TRANSLATIONS, _make_translations))


def download_source(exchange: Exchange) -> Response:
    """Answer POST /resource_strings_async_downloads."""
    return _start(exchange, _SOURCE, _make_source)


def poll_source(exchange: Exchange) -> Response:
    """Answer GET /resource_strings_async_downloads/ID."""
    return offer(exchange, jobs.poll(exchange, SOURCES, _make_source))


def _start(exchange: Exchange, schema: Schema, work: jobs.Work) -> Response:
    body = read_body(exchange.request, schema)
    resource = exchange.state.resource(body.related["resource"])
    language = None
    if "language" in schema.related:
        language = code_in(body.related["language"], "language")
        project = exchange.state.project_of(resource)
        if language not in project.languages:
            raise Fault(400, f"{language} is not a language of the project", pointer="/data/relationships/language")
    if body.attributes.get("file_type", "default") != "default":
        raise Fault(402, "Your plan does not include this file type")
    job = JobState(
        id=exchange.new_id(),
        kind=schema.kind,
        resource=resource.id,
        user=exchange.user,
        created_at=exchange.now,
        modified_at=exchange.now,
        polls_left=exchange.settings.pending_polls,
        language=language,
        options={name: value for name, value in body.attributes.items() if isinstance(value, str | bool)},
    )
    return jobs.start(exchange, job, work)


def offer(exchange: Exchange, job: JobState) -> Response:
    """Answer a poll: the job while it is unfinished or when it failed, else 303 with a fresh link."""
    if job.status != "succeeded":
        return answer({"data": jobs.show_job(job)})
    secret = exchange.new_id()
    expires = exchange.now + timedelta(seconds=exchange.settings.link_seconds)
    if exchange.settings.expired_links > 0:
        exchange.settings.expired_links -= 1
        expires = exchange.now
    exchange.state.links[secret] = LinkState(job.id, expires)
    origin = exchange.settings.storage_url or exchange.request.origin
    return Response(303, {"Location": f"{origin}{STORAGE}{job.id}-file?auth={secret}"})


def fetch_file(exchange: Exchange) -> Response:
    """Answer the storage: a file for whoever has a link that is still good, and who sends no token."""
    request: Request = exchange.request
    if "authorization" in request.headers:
        return Response(400, {"Content-Type": "text/plain"}, b"Only one auth mechanism is allowed")
    name, _, secret = request.query.partition("=")
    link = exchange.state.links.get(secret) if name == "auth" else None
    if link is None or f"{link.job}-file" != exchange.id or link.expires_at <= exchange.now:
        return Response(403, {"Content-Type": "text/plain"}, b"The link is not good or no longer good")
    return Response(200, {"Content-Type": "application/octet-stream"}, exchange.state.jobs[link.job].content)


def _make_source(exchange: Exchange, job: JobState) -> None:
    job.content = _encoded(exchange.state.resource(job.resource).template, job)


def _make_translations(exchange: Exchange, job: JobState) -> None:
    resource = exchange.state.resource(job.resource)
    job.content = _encoded(
        write_file(exchange.state, resource, job.language or "", str(job.options.get("mode", "default"))), job
    )


def _encoded(text: str, job: JobState) -> bytes:
    content = text.encode()
    return base64.b64encode(content) if job.options.get("content_encoding") == "base64" else content


def write_file(state: State, resource: ResourceState, language: str, mode: str) -> str:
    """Return the file of one language in a mode.

    For YML ``only…`` means that nothing else is in the file. What ``default`` does with the rest is set per resource.
    """
    if not resource.template:
        return ""
    source = state.project_of(resource).source_language
    only = mode in _ONLY or mode == "untranslated" or (mode == "default" and not resource.default_keeps_blanks)
    texts: dict[tuple[str, str], Mapping[str, str]] = {}
    for string in resource.strings.values():
        strings = _text(string, language, _ONLY.get(mode, mode))
        if strings is not None:
            texts[(string.key, string.context)] = strings
    filling = Filling(
        language=language,
        categories=categories_of(language),
        source_categories=categories_of(source),
        texts=texts,
        limits={
            (string.key, string.context): string.character_limit
            for string in resource.strings.values()
            if string.character_limit is not None
        },
        keeps_template=not only,
    )
    return FORMATS[resource.i18n_format].compile(resource.template, filling)


def _text(string: StringState, language: str, wanted: str) -> Mapping[str, str] | None:
    """Return what a file in this mode says for a string, None for nothing."""
    text = string.translations.get(language)
    source = {name: string.strings.get(name, string.strings.get("other", "")) for name in categories_of(language)}
    if wanted == "untranslated":
        return source if text is None else None
    if text is None:
        return (source if string.pluralized else string.strings) if wanted == "sourceastranslation" else None
    if (wanted == "reviewed" and not text.reviewed) or (wanted == "proofread" and not text.proofread):
        return None
    return text.strings
