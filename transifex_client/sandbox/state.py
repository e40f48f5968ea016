"""What the sandbox remembers. Plain mutable values, so that a state can be written to a file and read again."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar, TypeVar

from pydantic import ConfigDict, TypeAdapter

from transifex_client.ids import membership_id, organization_id, project_id, resource_id, string_hash, team_id
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
class ActivityState:
    """How many source words one person did in one language on one day."""

    day: str
    language: str
    user: str
    new: int = 0
    edited: int = 0
    reviewed: int = 0
    proofread: int = 0


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
    base: str | None = None
    template: str = ""
    default_keeps_blanks: bool = True
    strings: dict[str, StringState] = field(default_factory=dict)
    times: dict[str, LanguageTimes] = field(default_factory=dict)
    activity: dict[str, ActivityState] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Return the resource's id."""
        return resource_id(self.project, self.slug)

    def activity_of(self, language: str, user: str, now: datetime) -> ActivityState:
        """Return the counts of a person's day in a language, to add to."""
        day = now.date().isoformat()
        return self.activity.setdefault(f"{day}:{language}:{user}", ActivityState(day, language, user))

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
class CommentState:
    """A comment or issue on a source string (its id) in one language."""

    id: str
    string: str
    language: str
    type: str
    message: str
    author: str
    created_at: datetime
    modified_at: datetime
    category: str | None = None
    priority: str | None = "normal"
    status: str | None = None
    resolver: str | None = None
    resolved_at: datetime | None = None


@dataclass(slots=True)
class TeamState:
    """A team."""

    organization: str
    slug: str
    name: str
    created_at: datetime
    auto_join: bool = False
    cla_required: bool = False
    cla: str = ""

    @property
    def id(self) -> str:
        """Return the team's id."""
        return team_id(self.organization, self.slug)


@dataclass(slots=True)
class MembershipState:
    """One person in one team (its id) for one language."""

    team: str
    language: str
    user: str
    role: str

    @property
    def id(self) -> str:
        """Return the membership's id."""
        return membership_id(self.team, self.language, self.user)


@dataclass(slots=True)
class WebhookState:
    """A webhook of a project (its id)."""

    id: str
    project: str
    active: bool
    callback_url: str
    event_type: str
    created_at: datetime
    modified_at: datetime
    secret_key: str = ""


@dataclass(slots=True)
class JobTroubleState:
    """One reason of a failed job."""

    code: str
    detail: str


@dataclass(slots=True)
class JobState:
    """An asynchronous job, of a resource or (then ``resource`` is "") of a project.

    ``content`` is what was uploaded, or what is to be downloaded once it is finished.
    """

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
    project: str | None = None
    about_user: str | None = None
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
    """Everything, by id (languages and users by code and name). ``lost`` resources are there and cannot be found."""

    organizations: dict[str, OrganizationState] = field(default_factory=dict)
    projects: dict[str, ProjectState] = field(default_factory=dict)
    resources: dict[str, ResourceState] = field(default_factory=dict)
    jobs: dict[str, JobState] = field(default_factory=dict)
    links: dict[str, LinkState] = field(default_factory=dict)
    users: list[str] = field(default_factory=list)
    comments: dict[str, CommentState] = field(default_factory=dict)
    teams: dict[str, TeamState] = field(default_factory=dict)
    memberships: dict[str, MembershipState] = field(default_factory=dict)
    webhooks: dict[str, WebhookState] = field(default_factory=dict)
    lost: dict[str, ResourceState] = field(default_factory=dict)

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

    def comment(self, identifier: str) -> CommentState:
        """Return a comment, or refuse with 404."""
        return _found(self.comments, identifier)

    def team(self, identifier: str) -> TeamState:
        """Return a team, or refuse with 404."""
        return _found(self.teams, identifier)

    def membership(self, identifier: str) -> MembershipState:
        """Return a membership, or refuse with 404."""
        return _found(self.memberships, identifier)

    def webhook(self, identifier: str) -> WebhookState:
        """Return a webhook, or refuse with 404."""
        return _found(self.webhooks, identifier)

    def user(self, identifier: str) -> str:
        """Return the name of a user (``u:NAME``), or refuse with 404."""
        name = identifier.removeprefix("u:")
        if name == identifier or name not in self.users:
            raise Fault(404, f"Nothing was found with the id {identifier}.")
        return name

    def drop_comments(self, resource: ResourceState) -> None:
        """Drop the comments on strings that the resource does not hold any more."""
        gone = [
            comment.id
            for comment in self.comments.values()
            if comment.string.startswith(f"{resource.id}:s:")
            and comment.string.rpartition(":s:")[2] not in resource.strings
        ]
        for identifier in gone:
            del self.comments[identifier]

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
