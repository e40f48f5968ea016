"""Uploads of source files and of translations, as JSON or as multipart."""

import base64
import binascii
from collections.abc import Mapping
from typing import TypedDict

from transifex_client.sandbox import bodies, jobs
from transifex_client.sandbox.bodies import Schema, read_body, read_form
from transifex_client.sandbox.exchange import Exchange
from transifex_client.sandbox.formats import FORMATS
from transifex_client.sandbox.formats.model import Entry, ParseTrouble
from transifex_client.sandbox.http import Fault, Response, answer
from transifex_client.sandbox.languages import categories_of
from transifex_client.sandbox.queries import code_in
from transifex_client.sandbox.state import JobState, ResourceState, StringState
from transifex_client.sandbox.translations import forms_wanted, write_text

SOURCES = "resource_strings_async_uploads"
TRANSLATIONS = "resource_translations_async_uploads"

_SWITCHES = ("keep_translations", "replace_edited_strings", "purge_added_strings")
_CONTENT = {
    "content": bodies.text,
    "content_encoding": bodies.one_of("text", "base64"),
    "callback_url": bodies.text_or_null,
}
_SOURCE = Schema(
    kind=SOURCES,
    attributes=_CONTENT | dict.fromkeys(_SWITCHES, bodies.boolean),
    required=("content", "content_encoding"),
    related={"resource": "resources"},
    required_related=("resource",),
)
_TRANSLATION = Schema(
    kind=TRANSLATIONS,
    attributes=_CONTENT | {"file_type": bodies.one_of("default", "xliff")},
    required=("content", "content_encoding", "file_type"),
    related={"resource": "resources", "language": "languages"},
    required_related=("resource", "language"),
)


class _Sent(TypedDict):
    related: dict[str, str]
    options: dict[str, str | bool]
    content: bytes


def upload_source(exchange: Exchange) -> Response:
    """Answer POST /resource_strings_async_uploads."""
    return _start(exchange, _SOURCE, _take_source)


def poll_source(exchange: Exchange) -> Response:
    """Answer GET /resource_strings_async_uploads/ID."""
    return answer({"data": jobs.show_job(jobs.poll(exchange, SOURCES, _take_source))})


def upload_translations(exchange: Exchange) -> Response:
    """Answer POST /resource_translations_async_uploads."""
    return _start(exchange, _TRANSLATION, _take_translations)


def poll_translations(exchange: Exchange) -> Response:
    """Answer GET /resource_translations_async_uploads/ID."""
    return answer({"data": jobs.show_job(jobs.poll(exchange, TRANSLATIONS, _take_translations))})


def _start(exchange: Exchange, schema: Schema, work: jobs.Work) -> Response:
    multipart = exchange.request.media_type == "multipart/form-data"
    sent = _from_form(exchange, schema) if multipart else _from_json(exchange, schema)
    resource = exchange.state.resource(sent["related"]["resource"])
    language = None
    if "language" in schema.related:
        language = code_in(sent["related"]["language"], "language")
        if language not in exchange.state.project_of(resource).languages:
            raise Fault(400, f"{language} is not a language of the project", pointer="/data/relationships/language")
        if sent["options"].get("file_type") == "xliff":
            raise Fault(402, "Your plan does not include XLIFF")
    job = JobState(
        id=exchange.new_id(),
        kind=schema.kind,
        resource=resource.id,
        user=exchange.user,
        created_at=exchange.now,
        modified_at=exchange.now,
        polls_left=exchange.settings.pending_polls,
        language=language,
        options=sent["options"],
        content=sent["content"],
    )
    return jobs.start(exchange, job, work)


def _from_json(exchange: Exchange, schema: Schema) -> _Sent:
    body = read_body(exchange.request, schema)
    content = str(body.attributes["content"]).encode()
    if body.attributes["content_encoding"] == "base64":
        try:
            content = base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError):
            raise Fault(400, "'content' is not base64", pointer="/data/attributes/content") from None
    options = {
        name: value
        for name, value in body.attributes.items()
        if isinstance(value, str | bool) and not name.startswith("content")
    }
    return {"related": body.related, "options": options, "content": content}


def _from_form(exchange: Exchange, schema: Schema) -> _Sent:
    form = read_form(exchange.request)
    allowed = {*schema.attributes, *schema.related} - {"content_encoding"}
    if unknown := [name for name in form if name not in allowed]:
        raise Fault(400, f"Additional properties are not allowed ('{unknown[0]}' was unexpected)")
    for name in ("content", *schema.required_related):
        if name not in form:
            raise Fault(400, f"'{name}' is a required property")
    content = form.pop("content")
    fields = {name: value.decode(errors="replace") for name, value in form.items()}
    related = {name: fields.pop(name) for name in schema.required_related}
    options: dict[str, str | bool] = {}
    for name, value in fields.items():
        given = value.lower() == "true" if name in _SWITCHES and value.lower() in ("true", "false") else value
        if not schema.attributes[name](given):
            raise Fault(400, f"'{value[:80]}' is not a valid {name}")
        options[name] = given
    return {"related": related, "options": options, "content": content}


def _parse(job: JobState, resource: ResourceState, language: str) -> list[Entry]:
    try:
        text = job.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ParseTrouble("The file is not UTF-8") from None
    return FORMATS[resource.i18n_format].parse(text, categories_of(language), source=job.kind == SOURCES)


def _take_source(exchange: Exchange, job: JobState) -> None:
    """Make the resource hold exactly what the file holds."""
    resource = exchange.state.resource(job.resource)
    project = exchange.state.project_of(resource)
    entries = _parse(job, resource, project.source_language)
    counts = dict.fromkeys(("strings_created", "strings_updated", "strings_deleted", "strings_skipped"), 0)
    strings: dict[str, StringState] = {}
    for order, entry in enumerate(entries):
        fresh = _new_string(entry, order, exchange, job)
        present = resource.strings.get(fresh.hash)
        if present is None:
            counts["strings_created"] += 1
        elif _update(present, fresh, job, resource):
            counts["strings_updated"] += 1
        else:
            counts["strings_skipped"] += 1
        strings[fresh.hash] = present or fresh
    counts["strings_deleted"] = len(resource.strings.keys() - strings.keys())
    resource.strings = strings
    exchange.state.drop_comments(resource)
    resource.template = job.content.decode("utf-8-sig")
    resource.modified_at = exchange.now
    job.details, job.content = counts, b""


def _new_string(entry: Entry, order: int, exchange: Exchange, job: JobState) -> StringState:
    return StringState(
        key=entry.key,
        context=entry.context,
        strings=dict(entry.strings),
        pluralized=entry.pluralized,
        order=order,
        committer=job.user,
        created_at=exchange.now,
        strings_modified_at=exchange.now,
        metadata_modified_at=exchange.now,
        occurrences=entry.occurrences,
        developer_comment=entry.developer_comment,
        character_limit=entry.character_limit,
    )


def _update(present: StringState, fresh: StringState, job: JobState, resource: ResourceState) -> bool:
    """Take over what the file says of a string that is there already; return whether its text changed."""
    present.order = fresh.order
    metadata = (present.occurrences, present.developer_comment)
    present.occurrences, present.developer_comment = fresh.occurrences, fresh.developer_comment
    if fresh.character_limit is not None:
        present.character_limit = fresh.character_limit
    if metadata != (fresh.occurrences, fresh.developer_comment):
        present.metadata_modified_at = fresh.metadata_modified_at
    protected = present.edited and not job.options.get("replace_edited_strings", False)
    if protected or (present.strings, present.pluralized) == (fresh.strings, fresh.pluralized):
        return False
    reshaped = present.pluralized != fresh.pluralized
    present.strings, present.pluralized, present.edited = fresh.strings, fresh.pluralized, False
    present.strings_modified_at, present.committer = fresh.strings_modified_at, job.user
    if reshaped or not job.options.get("keep_translations", False):
        for language in present.translations:
            resource.touch(language, fresh.strings_modified_at, translation=True)
        present.translations.clear()
    return True


def _take_translations(exchange: Exchange, job: JobState) -> None:
    """Merge the texts of the file into the translations: what is not in it, or blank in it, stays as it is."""
    resource = exchange.state.resource(job.resource)
    language = job.language or ""
    entries = _parse(job, resource, language)
    if not entries and exchange.settings.empty_upload_fails:
        raise ParseTrouble("No strings could be extracted")
    counts = dict.fromkeys(("translations_created", "translations_updated"), 0)
    known = {(string.key, string.context): string for string in resource.strings.values()}
    for entry in entries:
        string = known.get((entry.key, entry.context))
        if string is None or not _fits(entry.strings, string, language):
            continue
        name = "translations_updated" if language in string.translations else "translations_created"
        if write_text(resource, string, language, entry.strings, origin="UPLOAD", user=job.user, now=exchange.now):
            counts[name] += 1
    job.details, job.content = counts, b""


def _fits(strings: Mapping[str, str], string: StringState, language: str) -> bool:
    return set(strings) == forms_wanted(string, language) and all(strings.values())
