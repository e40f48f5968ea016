"""Organizations, projects, their resources, and what may be chosen for them: languages and file formats."""

from dataclasses import dataclass
from datetime import datetime

from transifex_client.documents import Item
from transifex_client.resources.shared import language_of


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
        source_language=language_of(item, "source_language"),
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
