"""What the sandbox remembers. Plain mutable values, so that a state can be written to a file and read again."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar, TypeVar

from pydantic import ConfigDict, TypeAdapter

from transifex_client.ids import organization_id, project_id, resource_id, string_hash
from transifex_client.sandbox.http import Fault

Thing = TypeVar("Thing")


@dataclass(slots=True)
class TranslationState:
    """A translation that has a text."""

    strings: dict[str, str]
    origin: str
    translator: str | None
    translated_at: datetime
    reviewed: bool = False
    reviewer: str | None = None
    reviewed_at: datetime | None = None
    proofread: bool = False
    proofreader: str | None = None
    proofread_at: datetime | None = None


@dataclass(slots=True)
class StringState:
    """A source string and its translations by language. ``edited``: its text was changed on the platform."""

    key: str
    context: str
    strings: dict[str, str]
    pluralized: bool
    order: int
    committer: str
    created_at: datetime
    strings_modified_at: datetime
    metadata_modified_at: datetime
    occurrences: str | None = None
    developer_comment: str | None = None
    instructions: str | None = None
    character_limit: int | None = None
    tags: list[str] = field(default_factory=list)
    edited: bool = False
    translations: dict[str, TranslationState] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """Return the hash that names the string in its resource."""
        return string_hash(self.key, self.context)

    @property
    def words(self) -> int:
        """Return the number of words of the source text, the longest form of a plural."""
        return max((len(text.split()) for text in self.strings.values()), default=0)


@dataclass(slots=True)
class LanguageTimes:
    """When something last changed in one language of a resource."""

    update: datetime
    translation: datetime | None = None
    review: datetime | None = None
    proofread: datetime | None = None


@dataclass(slots=True)
class ResourceState:
    """A resource. ``default_keeps_blanks``: what mode ``default`` does with untranslated YML keys, which varies."""

    project: str
    slug: str
    name: str
    i18n_format: str
    created_at: datetime
    modified_at: datetime
    priority: str = "normal"
    accept_translations: bool = True
    categories: list[str] = field(default_factory=list)
    i18n_options: dict[str, bool] | None = None
    template: str = ""
    default_keeps_blanks: bool = True
    strings: dict[str, StringState] = field(default_factory=dict)
    times: dict[str, LanguageTimes] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Return the resource's id."""
        return resource_id(self.project, self.slug)

    def touch(
        self,
        language: str,
        now: datetime,
        *,
        translation: bool = False,
        review: bool = False,
        proofread: bool = False,
    ) -> None:
        """Note that something changed in a language."""
        times = self.times.setdefault(language, LanguageTimes(now))
        times.update = now
        times.translation = now if translation else times.translation
        times.review = now if review else times.review
        times.proofread = now if proofread else times.proofread


@dataclass(slots=True)
class ProjectState:
    """A project. ``languages`` are the target languages, ``attributes`` the optional ones as they were sent."""

    organization: str
    slug: str
    name: str
    private: bool
    source_language: str
    created_at: datetime
    modified_at: datetime
    attributes: dict[str, str | bool | list[str] | None] = field(default_factory=dict)
    languages: list[str] = field(default_factory=list)
    team: str | None = None

    @property
    def id(self) -> str:
        """Return the project's id."""
        return project_id(self.organization, self.slug)


@dataclass(slots=True)
class OrganizationState:
    """An organization."""

    slug: str
    name: str
    private: bool = False

    @property
    def id(self) -> str:
        """Return the organization's id."""
        return organization_id(self.slug)


@dataclass(slots=True)
class JobTroubleState:
    """One reason of a failed job."""

    code: str
    detail: str


@dataclass(slots=True)
class JobState:
    """An asynchronous job. ``content`` is what was uploaded, or what is to be downloaded once it is finished."""

    # Uploaded files need not be UTF-8.
    __pydantic_config__: ClassVar = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    id: str
    kind: str
    resource: str
    user: str
    created_at: datetime
    modified_at: datetime
    polls_left: int
    language: str | None = None
    options: dict[str, str | bool] = field(default_factory=dict)
    content: bytes = b""
    status: str = "pending"
    details: dict[str, int] | None = None
    errors: list[JobTroubleState] = field(default_factory=list)


@dataclass(slots=True)
class LinkState:
    """A download link's secret: which job's file it opens, and until when."""

    job: str
    expires_at: datetime


@dataclass(slots=True)
class State:
    """Everything, by id (languages and users by code and name)."""

    organizations: dict[str, OrganizationState] = field(default_factory=dict)
    projects: dict[str, ProjectState] = field(default_factory=dict)
    resources: dict[str, ResourceState] = field(default_factory=dict)
    jobs: dict[str, JobState] = field(default_factory=dict)
    links: dict[str, LinkState] = field(default_factory=dict)
    users: list[str] = field(default_factory=list)

    def organization(self, identifier: str) -> OrganizationState:
        """Return an organization, or refuse with 404."""
        return _found(self.organizations, identifier)

    def project(self, identifier: str) -> ProjectState:
        """Return a project, or refuse with 404."""
        return _found(self.projects, identifier)

    def resource(self, identifier: str) -> ResourceState:
        """Return a resource, or refuse with 404."""
        return _found(self.resources, identifier)

    def string(self, identifier: str) -> tuple[ResourceState, StringState]:
        """Return a source string with its resource, or refuse with 404."""
        place, _, hashed = identifier.rpartition(":s:")
        resource = self.resource(place)
        return resource, _found(resource.strings, hashed)

    def project_of(self, resource: ResourceState) -> ProjectState:
        """Return the project a resource belongs to."""
        return self.projects[resource.project]

    def greet(self, username: str) -> None:
        """Remember that this user exists."""
        if username not in self.users:
            self.users.append(username)

    def forget_old_jobs(self, keep: int = 500) -> None:
        """Drop the oldest jobs, and the links to their files, beyond so many."""
        for old in list(self.jobs)[:-keep]:
            del self.jobs[old]
        self.links = {secret: link for secret, link in self.links.items() if link.job in self.jobs}


def _found(things: dict[str, Thing], identifier: str) -> Thing:
    if identifier not in things:
        raise Fault(404, f"Nothing was found with the id {identifier}.")
    return things[identifier]


_STATES = TypeAdapter(State)


def dump_state(state: State) -> bytes:
    """Return a state as JSON."""
    return _STATES.dump_json(state)


def write_state(content: bytes, path: Path) -> None:
    """Write a dumped state to a file, replacing it as a whole."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)


def parse_state(content: bytes) -> State:
    """Return a dumped state.

    Raises:
        ValueError: the content is not one.
    """
    return _STATES.validate_json(content)
