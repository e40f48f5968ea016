"""Calls about files, source strings, translations and statistics."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from transifex_client.client.calls import Calls, Thing, filters, to_one, write_body, write_boolean, write_moment
from transifex_client.documents import Item, parse_page
from transifex_client.ids import language_id, parse_place
from transifex_client.jobs import run_download, run_upload
from transifex_client.resources import (
    DownloadMode,
    LanguageStatistics,
    SourceString,
    StringChange,
    Translation,
    TranslationChange,
    UploadOutcome,
    read_statistics,
    read_string,
    read_translation,
)
from transifex_client.wire import JSON_API_BULK, Call

BULK_LIMIT = 150
_ROWS = "1000"

Change = TypeVar("Change", StringChange, TranslationChange)


class TextCalls(Calls):
    """Uploads and downloads, source strings, translations, how far they are."""

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
            "keep_translations": write_boolean(keep_translations),
            "replace_edited_strings": write_boolean(replace_edited_strings),
        }
        return run_upload(self._wire, "resource_strings_async_uploads", fields, content)

    def upload_translations(self, resource: str, language: str, content: bytes) -> UploadOutcome:
        """Upload a file of translations, wait for the end and return what it did. Strings not in it stay untouched."""
        fields = {"resource": resource, "language": language_id(language), "file_type": "default"}
        return run_upload(self._wire, "resource_translations_async_uploads", fields, content)

    def download_translations(self, resource: str, language: str, *, mode: DownloadMode) -> bytes:
        """Have the file of one language made and return its bytes."""
        attributes = {"content_encoding": "text", "file_type": "default", "mode": mode.value}
        related = {"resource": to_one("resources", resource), "language": to_one("languages", language_id(language))}
        return run_download(self._wire, "resource_translations_async_downloads", attributes, related)

    def download_source(self, resource: str) -> bytes:
        """Have the source file made and return its bytes."""
        attributes = {"content_encoding": "text", "file_type": "default"}
        related = {"resource": to_one("resources", resource)}
        return run_download(self._wire, "resource_strings_async_downloads", attributes, related)

    # Strings, translations, statistics

    def list_strings(
        self,
        resource: str,
        *,
        key: str | None = None,
        modified_since: datetime | None = None,
        modified_until: datetime | None = None,
        all_tags: Sequence[str] | None = None,
        any_tags: Sequence[str] | None = None,
        tagged: str | None = None,
    ) -> tuple[SourceString, ...]:
        """Return the source strings of a resource, or those of them that pass every filter given.

        Args:
            resource: its id.
            key: the escaped key, exactly.
            modified_since: the text changed at or after this time.
            modified_until: the text changed at or before this time.
            all_tags: it has all of these tags.
            any_tags: it has one of these tags; ``["*"]`` for any tag at all.
            tagged: an expression of tags with ``&``, ``|`` and brackets, a backslash before such letters in a tag.

        Raises:
            ValueError: a tag of a list holds a comma, which the lists of the API cannot.
        """
        query = filters(resource=resource, key=key)
        if modified_since is not None:
            query["filter[strings_date_modified][gte]"] = write_moment(modified_since)
        if modified_until is not None:
            query["filter[strings_date_modified][lte]"] = write_moment(modified_until)
        for name, tags in (("all", all_tags), ("any", any_tags)):
            if tags:
                query[f"filter[tags][{name}]"] = _comma_list(tags)
        if tagged is not None:
            query["filter[tags][query]"] = tagged
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
        query = filters(resource=resource, language=language_id(language))
        query |= filters(translated=translated, reviewed=reviewed)
        if translated_after is not None:
            query["filter[date_translated][gt]"] = write_moment(translated_after)
        if translated_before is not None:
            query["filter[date_translated][lt]"] = write_moment(translated_before)
        if key is not None:
            query["filter[resource_string][key]"] = key
        return self._list("/resource_translations", query | {"limit": _ROWS}, read_translation)

    def list_statistics(
        self, project: str, *, resource: str | None = None, language: str | None = None
    ) -> tuple[LanguageStatistics, ...]:
        """Return how far each resource of a project is in each language, the source language included."""
        query = filters(
            project=project, resource=resource, language=None if language is None else language_id(language)
        )
        return self._list("/resource_language_stats", query, read_statistics)

    def update_strings(self, changes: Sequence[StringChange]) -> tuple[SourceString, ...]:
        """Change the metadata of at most 150 strings of one resource in one request (see :func:`bulks`).

        All or nothing: one change that breaks a rule (instructions longer than 1,000 characters) refuses the rest too.
        """
        return self._update("resource_strings", changes, read_string)

    def update_translations(self, changes: Sequence[TranslationChange]) -> tuple[Translation, ...]:
        """Change at most 150 translations of one resource and language in one request (see :func:`bulks`)."""
        return self._update("resource_translations", changes, read_translation)

    def _update(self, kind: str, changes: Sequence[Change], read: Callable[[Item], Thing]) -> tuple[Thing, ...]:
        if not changes:
            return ()
        if len(changes) > BULK_LIMIT or len({_bulk_of(change) for change in changes}) > 1:
            raise ValueError(f"One bulk request takes at most {BULK_LIMIT} changes of one resource and language.")
        data = [{"type": kind, "id": change.id, "attributes": change.attributes()} for change in changes]
        call = Call("PATCH", f"/{kind}", body=write_body(data), content_type=JSON_API_BULK)
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


def _comma_list(tags: Sequence[str]) -> str:
    if any("," in tag for tag in tags):
        raise ValueError("A tag with a comma in it cannot stand in a list of tags.")
    return ",".join(tags)
