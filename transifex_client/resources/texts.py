"""Source strings, translations, how far they are, and changes of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from transifex_client.documents import Item
from transifex_client.resources.shared import UNSET, Unset, given, language_of, username_of


class DownloadMode(StrEnum):
    """Which translations a download holds, and what stands for the others.

    For YAML ask for ``ONLY_TRANSLATED`` or ``ONLY_REVIEWED``: what ``DEFAULT`` puts in untranslated places varies.
    """

    DEFAULT = "default"
    REVIEWED = "reviewed"
    PROOFREAD = "proofread"
    TRANSLATOR = "translator"
    UNTRANSLATED = "untranslated"
    ONLY_TRANSLATED = "onlytranslated"
    ONLY_REVIEWED = "onlyreviewed"
    ONLY_PROOFREAD = "onlyproofread"
    SOURCE_AS_TRANSLATION = "sourceastranslation"


@dataclass(frozen=True, slots=True)
class SourceString:
    """A source text. ``strings`` holds ``other`` alone, or one text for each plural category when ``pluralized``."""

    id: str
    resource: str
    key: str
    context: str
    strings: Mapping[str, str]
    pluralized: bool = False
    string_hash: str | None = None
    appearance_order: int | None = None
    occurrences: str | None = None
    developer_comment: str | None = None
    instructions: str | None = None
    character_limit: int | None = None
    tags: tuple[str, ...] = ()
    created_at: datetime | None = None
    strings_modified_at: datetime | None = None
    metadata_modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Translation:
    """One source text in one language. There is one for every pair, with ``strings`` None while untranslated."""

    id: str
    string: str
    resource: str
    language: str
    strings: Mapping[str, str] | None
    reviewed: bool = False
    proofread: bool = False
    finalized: bool = False
    origin: str | None = None
    translator: str | None = None
    reviewer: str | None = None
    proofreader: str | None = None
    created_at: datetime | None = None
    translated_at: datetime | None = None
    reviewed_at: datetime | None = None
    proofread_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LanguageStatistics:
    """How far one resource is in one language; words are those of the source text. The source language has one too."""

    id: str
    resource: str
    language: str
    total_strings: int
    total_words: int
    translated_strings: int
    translated_words: int
    reviewed_strings: int
    reviewed_words: int
    proofread_strings: int
    proofread_words: int
    updated_at: datetime | None = None
    translation_updated_at: datetime | None = None
    review_updated_at: datetime | None = None
    proofread_updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UploadOutcome:
    """What an upload did. Deleted and skipped are 0 for translations; what "skipped" means is not documented."""

    job: str
    created: int = 0
    updated: int = 0
    deleted: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class StringChange:
    """A change of a source string's metadata. ``tags`` replaces the list, ``character_limit`` 0 removes the limit."""

    id: str
    instructions: str | Unset | None = UNSET
    tags: tuple[str, ...] | Unset = UNSET
    character_limit: int | Unset = UNSET

    def attributes(self) -> dict[str, object]:
        """Return the JSON attributes that are to be changed."""
        return given(
            instructions=self.instructions,
            tags=list(self.tags) if isinstance(self.tags, tuple) else self.tags,
            character_limit=self.character_limit,
        )


@dataclass(frozen=True, slots=True)
class TranslationChange:
    """A change of a translation. ``strings`` None deletes it; new strings clear ``reviewed`` unless it is sent too."""

    id: str
    strings: Mapping[str, str] | Unset | None = UNSET
    reviewed: bool | Unset = UNSET
    proofread: bool | Unset = UNSET

    def attributes(self) -> dict[str, object]:
        """Return the JSON attributes that are to be changed."""
        return given(strings=self.strings, reviewed=self.reviewed, proofread=self.proofread)


def read_string(item: Item) -> SourceString:
    """Return the source string in an answer."""
    return SourceString(
        id=item.id,
        resource=item.related("resource"),
        key=item.text("key"),
        context=item.text_or_none("context") or "",
        strings=item.text_map("strings") or {},
        pluralized=item.flag("pluralized"),
        string_hash=item.text_or_none("string_hash"),
        appearance_order=item.number_or_none("appearance_order"),
        occurrences=item.text_or_none("occurrences"),
        developer_comment=item.text_or_none("developer_comment"),
        instructions=item.text_or_none("instructions"),
        character_limit=item.number_or_none("character_limit"),
        tags=item.texts("tags"),
        created_at=item.moment("datetime_created", "date_created"),
        strings_modified_at=item.moment("strings_datetime_modified", "strings_date_modified"),
        metadata_modified_at=item.moment("metadata_datetime_modified", "metadata_date_modified"),
    )


def read_translation(item: Item) -> Translation:
    """Return the translation in an answer."""
    return Translation(
        id=item.id,
        string=item.related("resource_string"),
        resource=item.related("resource"),
        language=language_of(item),
        strings=item.text_map("strings"),
        reviewed=item.flag("reviewed"),
        proofread=item.flag("proofread"),
        finalized=item.flag("finalized"),
        origin=item.text_or_none("origin"),
        translator=username_of(item, "translator"),
        reviewer=username_of(item, "reviewer"),
        proofreader=username_of(item, "proofreader"),
        created_at=item.moment("datetime_created", "date_created"),
        translated_at=item.moment("datetime_translated", "date_translated"),
        reviewed_at=item.moment("datetime_reviewed", "date_reviewed"),
        proofread_at=item.moment("datetime_proofread", "date_proofread"),
    )


def read_statistics(item: Item) -> LanguageStatistics:
    """Return the statistics in an answer."""
    return LanguageStatistics(
        id=item.id,
        resource=item.related("resource"),
        language=language_of(item),
        total_strings=item.number("total_strings"),
        total_words=item.number("total_words"),
        translated_strings=item.number("translated_strings"),
        translated_words=item.number("translated_words"),
        reviewed_strings=item.number("reviewed_strings"),
        reviewed_words=item.number("reviewed_words"),
        proofread_strings=item.number("proofread_strings"),
        proofread_words=item.number("proofread_words"),
        updated_at=item.moment("last_update"),
        translation_updated_at=item.moment("last_translation_update"),
        review_updated_at=item.moment("last_review_update"),
        proofread_updated_at=item.moment("last_proofread_update"),
    )
