"""The client of Transifex's REST API v3: every call is typed, bounded by a deadline, and repeated only where safe.

Ids are Transifex's own (``o:ORG:p:PROJECT``, built by :mod:`transifex_client.ids`), languages are codes (``fr``).
Every method raises :class:`transifex_client.errors.TransifexError` and its leaves, nothing else.
"""

import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Self, TypeVar
from urllib.parse import quote

from transifex_client.configuration import Configuration
from transifex_client.documents import Item, parse_item, parse_page
from transifex_client.errors import Conflict, NoAnswer, NotFound, ServerError, UnexpectedAnswer
from transifex_client.ids import language_id, parse_place, project_id, resource_id, user_id
from transifex_client.jobs import run_download, run_upload
from transifex_client.resources import (
    DownloadMode,
    I18nFormat,
    Language,
    LanguageStatistics,
    NewProject,
    NewResource,
    Organization,
    Project,
    Resource,
    SourceString,
    StringChange,
    Translation,
    TranslationChange,
    UploadOutcome,
    User,
    read_format,
    read_language,
    read_organization,
    read_project,
    read_resource,
    read_statistics,
    read_string,
    read_translation,
    read_user,
)
from transifex_client.wire import JSON_API_BULK, BaseTransport, Call, Deadline, Wire

BULK_LIMIT = 150
_ROWS = "1000"

Thing = TypeVar("Thing")
Change = TypeVar("Change", StringChange, TranslationChange)


class TransifexClient:
    """Talks to one Transifex with one token. Safe to share between threads; close it, or use it in a ``with``.

    Args:
        configuration: where, with which token, how long.
        transport: what carries the requests; None for the network.
        sleep: waits this many seconds.
        clock: a monotonic clock, seconds.
        chance: numbers in [0, 1), which spread the waits.
        before_request: called before every request to the API, repetitions and polls included; the place of a rate
            limiter. What it raises goes through unchanged.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        transport: BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        before_request: Callable[[], None] | None = None,
    ) -> None:
        self._wire = Wire(
            configuration,
            transport=transport,
            sleep=sleep,
            clock=clock,
            chance=chance,
            before_request=before_request,
        )

    def __repr__(self) -> str:
        return f"TransifexClient({self._wire.configuration!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    @property
    def requests_sent(self) -> int:
        """Return how many requests were sent so far: the cost of a run."""
        return self._wire.requests_sent

    # Organizations, projects, languages, formats, people

    def list_organizations(self, *, slug: str | None = None) -> tuple[Organization, ...]:
        """Return the organizations that the token's user may see."""
        return self._list("/organizations", _filters(slug=slug), read_organization)

    def list_projects(self, organization: str, *, slug: str | None = None) -> tuple[Project, ...]:
        """Return the projects of an organization (its id)."""
        return self._list("/projects", _filters(organization=organization, slug=slug), read_project)

    def get_project(self, project: str) -> Project:
        """Return a project by its id; :class:`NotFound` when there is none."""
        return read_project(self._get(f"/projects/{_path(project)}", self._short()))

    def create_project(self, new: NewProject) -> Project:
        """Create a project; :class:`Conflict` when its slug is taken."""
        attributes = _given(
            name=new.name,
            slug=new.slug,
            private=new.private,
            description=new.description,
            license=new.license,
            repository_url=new.repository_url,
        )
        related = {
            "organization": _one("organizations", new.organization),
            "source_language": _one("languages", language_id(new.source_language)),
        }
        if new.team is not None:
            related["team"] = _one("teams", new.team)
        body = _body({"type": "projects", "attributes": attributes, "relationships": related})
        # Transifex documents 200 here, and 201 for every other create.
        call = Call("POST", "/projects", body=body, repeatable=False, expected=(200, 201))
        place = project_id(parse_place(new.organization).organization, new.slug)
        return self._create(call, f"/projects/{_path(place)}", read_project, lambda found: found.name == new.name)

    def list_project_languages(self, project: str) -> tuple[Language, ...]:
        """Return the target languages of a project."""
        return self._list(f"/projects/{_path(project)}/languages", {}, read_language)

    def add_project_languages(self, project: str, codes: Sequence[str]) -> None:
        """Add target languages to a project, which may change what the organization pays."""
        data = [{"type": "languages", "id": language_id(code)} for code in codes]
        link = f"/projects/{_path(project)}/relationships/languages"
        self._wire.exchange(Call("POST", link, body=_body(data), expected=(200, 204)), self._short())

    def list_languages(self, *, codes: Sequence[str] | None = None) -> tuple[Language, ...]:
        """Return the languages that Transifex knows, or those of these codes that it knows."""
        query = {} if codes is None else {"filter[code][any]": ",".join(codes)}
        return self._list("/languages", query, read_language)

    def list_formats(self, organization: str) -> tuple[I18nFormat, ...]:
        """Return the file formats that an organization (its id) may use."""
        return self._list("/i18n_formats", _filters(organization=organization), read_format)

    def get_user(self, username: str) -> User:
        """Return a person by user name; :class:`NotFound` when nobody has it."""
        return read_user(self._get(f"/users/{_path(user_id(username))}", self._short()))

    # Resources

    def list_resources(self, project: str) -> tuple[Resource, ...]:
        """Return the resources of a project."""
        return self._list("/resources", _filters(project=project), read_resource)

    def get_resource(self, resource: str) -> Resource:
        """Return a resource by its id; :class:`NotFound` when there is none."""
        return read_resource(self._get(f"/resources/{_path(resource)}", self._short()))

    def create_resource(self, new: NewResource) -> Resource:
        """Create a resource, which is empty until a source is uploaded; :class:`Conflict` when its slug is taken."""
        attributes = _given(
            name=new.name,
            slug=new.slug,
            priority=new.priority,
            accept_translations=new.accept_translations,
            categories=list(new.categories) or None,
        )
        related = {"project": _one("projects", new.project), "i18n_format": _one("i18n_formats", new.i18n_format)}
        body = _body({"type": "resources", "attributes": attributes, "relationships": related})
        call = Call("POST", "/resources", body=body, repeatable=False, expected=(200, 201))
        link = f"/resources/{_path(resource_id(new.project, new.slug))}"
        return self._create(call, link, read_resource, lambda found: found.name == new.name)

    def update_resource(
        self,
        resource: str,
        *,
        name: str | None = None,
        priority: str | None = None,
        accept_translations: bool | None = None,
        categories: Sequence[str] | None = None,
    ) -> Resource:
        """Change what is given of a resource and return it."""
        attributes = _given(
            name=name,
            priority=priority,
            accept_translations=accept_translations,
            categories=None if categories is None else list(categories),
        )
        body = _body({"type": "resources", "id": resource, "attributes": attributes})
        call = Call("PATCH", f"/resources/{_path(resource)}", body=body)
        return read_resource(parse_item(self._wire.exchange(call, self._short())))

    # Files

    def upload_source(
        self, resource: str, content: bytes, *, keep_translations: bool, replace_edited_strings: bool = False
    ) -> UploadOutcome:
        """Upload a source file, wait for the end and return what it did.

        The file is the whole truth: strings missing from it are deleted, with their translations. Without
        ``keep_translations`` a changed text loses its translations too. Without ``replace_edited_strings`` texts that
        were edited on Transifex stay as they are.
        """
        fields = {
            "resource": resource,
            "keep_translations": _boolean(keep_translations),
            "replace_edited_strings": _boolean(replace_edited_strings),
        }
        return run_upload(self._wire, "resource_strings_async_uploads", fields, content)

    def upload_translations(self, resource: str, language: str, content: bytes) -> UploadOutcome:
        """Upload a file of translations, wait for the end and return what it did. Strings not in it stay untouched."""
        fields = {"resource": resource, "language": language_id(language), "file_type": "default"}
        return run_upload(self._wire, "resource_translations_async_uploads", fields, content)

    def download_translations(self, resource: str, language: str, *, mode: DownloadMode) -> bytes:
        """Have the file of one language made and return its bytes."""
        attributes = {"content_encoding": "text", "file_type": "default", "mode": mode.value}
        related = {"resource": _one("resources", resource), "language": _one("languages", language_id(language))}
        return run_download(self._wire, "resource_translations_async_downloads", attributes, related)

    def download_source(self, resource: str) -> bytes:
        """Have the source file made and return its bytes."""
        attributes = {"content_encoding": "text", "file_type": "default"}
        related = {"resource": _one("resources", resource)}
        return run_download(self._wire, "resource_strings_async_downloads", attributes, related)

    # Strings, translations, statistics

    def list_strings(
        self, resource: str, *, key: str | None = None, modified_since: datetime | None = None
    ) -> tuple[SourceString, ...]:
        """Return the source strings of a resource, or that with this escaped key, or those changed since a time."""
        query = _filters(resource=resource, key=key)
        if modified_since is not None:
            query["filter[strings_date_modified][gte]"] = _moment(modified_since)
        return self._list("/resource_strings", query | {"limit": _ROWS}, read_string)

    def list_translations(
        self,
        resource: str,
        language: str,
        *,
        translated_after: datetime | None = None,
        translated_before: datetime | None = None,
        translated: bool | None = None,
        reviewed: bool | None = None,
        key: str | None = None,
    ) -> tuple[Translation, ...]:
        """Return the translations of a resource into a language, one for each string, untranslated ones included.

        ``translated_after`` and ``translated_before`` are exclusive, as Transifex's ``gt`` and ``lt`` are.
        """
        query = _filters(resource=resource, language=language_id(language))
        query |= _filters(translated=translated, reviewed=reviewed)
        if translated_after is not None:
            query["filter[date_translated][gt]"] = _moment(translated_after)
        if translated_before is not None:
            query["filter[date_translated][lt]"] = _moment(translated_before)
        if key is not None:
            query["filter[resource_string][key]"] = key
        return self._list("/resource_translations", query | {"limit": _ROWS}, read_translation)

    def list_statistics(
        self, project: str, *, resource: str | None = None, language: str | None = None
    ) -> tuple[LanguageStatistics, ...]:
        """Return how far each resource of a project is in each language, the source language included."""
        query = _filters(
            project=project, resource=resource, language=None if language is None else language_id(language)
        )
        return self._list("/resource_language_stats", query, read_statistics)

    def update_strings(self, changes: Sequence[StringChange]) -> tuple[SourceString, ...]:
        """Change the metadata of at most 150 strings of one resource in one request (see :func:`bulks`)."""
        return self._update("resource_strings", changes, read_string)

    def update_translations(self, changes: Sequence[TranslationChange]) -> tuple[Translation, ...]:
        """Change at most 150 translations of one resource and language in one request (see :func:`bulks`)."""
        return self._update("resource_translations", changes, read_translation)

    # How calls are made

    def _short(self) -> Deadline:
        return self._wire.deadline(self._wire.configuration.deadline)

    def _get(self, link: str, deadline: Deadline) -> Item:
        return parse_item(self._wire.exchange(Call("GET", link), deadline))

    def _list(self, link: str, query: Mapping[str, str], read: Callable[[Item], Thing]) -> tuple[Thing, ...]:
        deadline = self._wire.deadline(self._wire.configuration.long_deadline)
        things: list[Thing] = []
        seen: set[str] = set()
        call = Call("GET", link, query=query)
        while True:
            answer = self._wire.exchange(call, deadline)
            page = parse_page(answer)
            things.extend(read(item) for item in page.items)
            if page.next is None:
                return tuple(things)
            if page.next in seen:
                raise UnexpectedAnswer("Transifex's pages lead round in a circle.", answer.particulars())
            seen.add(page.next)
            call = Call("GET", page.next)

    def _create(self, call: Call, link: str, read: Callable[[Item], Thing], is_ours: Callable[[Thing], bool]) -> Thing:
        """Send a create. When it is unknown whether it arrived, look the thing up before sending again."""
        deadline = self._short()
        attempt = 0
        while True:
            attempt += 1
            try:
                return read(parse_item(self._wire.exchange(call, deadline)))
            except (NoAnswer, ServerError, Conflict) as failure:
                # A conflict on the first attempt is somebody else's thing; later it is probably our own.
                if isinstance(failure, Conflict) and attempt == 1:
                    raise
                found = self._find(link, read, deadline)
                if found is not None and is_ours(found):
                    return found
                self._wire.wait_after(failure, attempt, repeatable=True, deadline=deadline)

    def _find(self, link: str, read: Callable[[Item], Thing], deadline: Deadline) -> Thing | None:
        try:
            return read(self._get(link, deadline))
        except NotFound:
            return None

    def _update(self, kind: str, changes: Sequence[Change], read: Callable[[Item], Thing]) -> tuple[Thing, ...]:
        if not changes:
            return ()
        if len(changes) > BULK_LIMIT or len({_bulk_of(change) for change in changes}) > 1:
            raise ValueError(f"One bulk request takes at most {BULK_LIMIT} changes of one resource and language.")
        data = [{"type": kind, "id": change.id, "attributes": change.attributes()} for change in changes]
        call = Call("PATCH", f"/{kind}", body=_body(data), content_type=JSON_API_BULK)
        page = parse_page(self._wire.exchange(call, self._short()))
        return tuple(read(item) for item in page.items)


def bulks(changes: Iterable[Change]) -> Iterator[tuple[Change, ...]]:
    """Yield the changes in groups that one bulk request may carry: one resource, one language, at most 150."""
    for _, group in groupby(sorted(changes, key=_bulk_of), key=_bulk_of):
        ready = tuple(group)
        for start in range(0, len(ready), BULK_LIMIT):
            yield ready[start : start + BULK_LIMIT]


def _bulk_of(change: StringChange | TranslationChange) -> tuple[str, str]:
    place = parse_place(change.id)
    return place.resource_id, place.language or ""


def _filters(**values: str | bool | None) -> dict[str, str]:
    texts = {name: _boolean(value) if isinstance(value, bool) else value for name, value in values.items()}
    return {f"filter[{name}]": text for name, text in texts.items() if text is not None}


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _one(kind: str, identifier: str) -> dict[str, object]:
    return {"data": {"type": kind, "id": identifier}}


def _body(data: object) -> bytes:
    return json.dumps({"data": data}).encode()


def _path(identifier: str) -> str:
    return quote(identifier, safe=":@")
