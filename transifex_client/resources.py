"""What lies on Transifex, as frozen dataclasses, and how each is read from an answer.

Dates are aware and in UTC. Languages are codes (``fr``), people are user names, everything else is named by its id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import Final

from transifex_client.documents import Item
from transifex_client.ids import parse_language_id, parse_user_id


class Unset(Enum):
    """The value of an attribute that a change does not touch."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


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
class Organization:
    """An organization: the owner of projects."""

    id: str
    slug: str
    name: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """A project: resources in one source language and the languages they are translated into."""

    id: str
    slug: str
    name: str
    organization: str
    source_language: str
    private: bool = False
    archived: bool = False
    description: str | None = None
    team: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewProject:
    """What it takes to create a project. ``organization`` and ``team`` are ids."""

    organization: str
    slug: str
    name: str
    source_language: str = "en"
    private: bool = True
    description: str | None = None
    license: str | None = None
    repository_url: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Language:
    """A language that Transifex knows. ``plural_categories`` are CLDR's names; empty where it did not say."""

    code: str
    name: str
    rtl: bool = False
    plural_categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class I18nFormat:
    """A file format that Transifex reads. ``id`` is its name, such as ``YML``."""

    id: str
    description: str | None = None
    file_extensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource: one source file and its translations."""

    id: str
    slug: str
    name: str
    project: str
    i18n_format: str | None = None
    priority: str = "normal"
    accept_translations: bool = True
    categories: tuple[str, ...] = ()
    string_count: int | None = None
    word_count: int | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewResource:
    """What it takes to create a resource, empty at first. ``project`` is an id, ``i18n_format`` a name like ``YML``."""

    project: str
    slug: str
    name: str
    i18n_format: str = "YML"
    priority: str = "normal"
    accept_translations: bool = True
    categories: tuple[str, ...] = ()


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
class User:
    """A person on Transifex; the API tells no more than the name."""

    id: str
    username: str


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
        named = {
            "instructions": self.instructions,
            "tags": list(self.tags) if isinstance(self.tags, tuple) else self.tags,
            "character_limit": self.character_limit,
        }
        return {name: value for name, value in named.items() if value is not UNSET}


@dataclass(frozen=True, slots=True)
class TranslationChange:
    """A change of a translation. ``strings`` None deletes it; new strings clear ``reviewed`` unless it is sent too."""

    id: str
    strings: Mapping[str, str] | Unset | None = UNSET
    reviewed: bool | Unset = UNSET
    proofread: bool | Unset = UNSET

    def attributes(self) -> dict[str, object]:
        """Return the JSON attributes that are to be changed."""
        named = {"strings": self.strings, "reviewed": self.reviewed, "proofread": self.proofread}
        return {name: value for name, value in named.items() if value is not UNSET}


def read_organization(item: Item) -> Organization:
    """Return the organization in an answer."""
    return Organization(item.id, item.text("slug"), item.text("name"), item.flag("private"))


def read_project(item: Item) -> Project:
    """Return the project in an answer."""
    return Project(
        id=item.id,
        slug=item.text("slug"),
        name=item.text("name"),
        organization=item.related("organization"),
        source_language=_language(item, "source_language"),
        private=item.flag("private"),
        archived=item.flag("archived"),
        description=item.text_or_none("description"),
        team=item.related_or_none("team"),
        created_at=item.moment("datetime_created", "date_created"),
        modified_at=item.moment("datetime_modified", "date_modified"),
    )


def read_language(item: Item) -> Language:
    """Return the language in an answer."""
    rules = item.attributes.get("plural_rules")
    categories = tuple(rules) if isinstance(rules, dict) else ()
    return Language(item.text("code"), item.text("name"), item.flag("rtl"), categories)


def read_format(item: Item) -> I18nFormat:
    """Return the file format in an answer."""
    return I18nFormat(item.id, item.text_or_none("description"), item.texts("file_extensions"))


def read_resource(item: Item) -> Resource:
    """Return the resource in an answer."""
    return Resource(
        id=item.id,
        slug=item.text("slug"),
        name=item.text("name"),
        project=item.related("project"),
        i18n_format=item.related_or_none("i18n_format"),
        priority=item.text_or_none("priority") or "normal",
        accept_translations=item.flag("accept_translations", default=True),
        categories=item.texts("categories"),
        string_count=item.number_or_none("string_count"),
        word_count=item.number_or_none("word_count"),
        created_at=item.moment("datetime_created", "date_created"),
        modified_at=item.moment("datetime_modified", "date_modified"),
    )


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
        language=_language(item, "language"),
        strings=item.text_map("strings"),
        reviewed=item.flag("reviewed"),
        proofread=item.flag("proofread"),
        finalized=item.flag("finalized"),
        origin=item.text_or_none("origin"),
        translator=_username(item, "translator"),
        reviewer=_username(item, "reviewer"),
        proofreader=_username(item, "proofreader"),
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
        language=_language(item, "language"),
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


def read_user(item: Item) -> User:
    """Return the user in an answer."""
    return User(item.id, item.text("username"))


def _language(item: Item, name: str) -> str:
    try:
        return parse_language_id(item.related(name))
    except ValueError:
        return item.wrong(name, "language id")


def _username(item: Item, name: str) -> str | None:
    related = item.related_or_none(name)
    try:
        return None if related is None else parse_user_id(related)
    except ValueError:
        return item.wrong(name, "user id")
