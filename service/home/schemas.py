"""Shapes of the API that spans features."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from service.catalog.models import DecisionKind, RejectReason, State
from service.deployments.models import ConflictPolicy
from service.deployments.rules import ResourceFormat
from service.jobs.models import JobState
from service.sync.models import QuestionState


class Shape(BaseModel):
    """What every body has in common: unknown members are refused, so that a typo never passes for a default."""

    model_config = ConfigDict(extra="forbid")


class LocaleAnswer(BaseModel):
    """How one language stands; counts are units in scope, words source words, shares percent rounded down.

    ``waiting`` (for a reviewer), ``blocked``, ``warned``, ``with_findings`` and ``conflicts`` stand beside the states.
    """

    locale: str
    transifex_language: str | None
    total: int
    words: int
    untranslated: int
    untranslated_words: int
    translated: int
    translated_words: int
    stale: int
    stale_words: int
    rejected: int
    rejected_words: int
    approved: int
    approved_words: int
    waiting: int
    waiting_words: int
    blocked: int
    warned: int
    with_findings: int
    conflicts: int
    approved_percent: float


class DeploymentAnswer(BaseModel):
    """One deployment and how it stands."""

    slug: str
    name: str
    archived: bool
    source_locale: str
    transifex_project: str | None
    transifex_format: ResourceFormat
    lone_reviewer: bool
    conflict_policy: ConflictPolicy
    push_by_itself: bool
    snapshot: int | None
    snapshot_at: datetime | None
    synced_at: datetime | None
    units: int
    words: int
    locales: list[LocaleAnswer]


class SourceProblem(BaseModel):
    """Something odd in a source, and what was done about it; ``path`` is a place inside ``file``."""

    code: str
    message: str
    file: str
    path: str


class SourceAnswer(BaseModel):
    """What an import of a source did, or would do. ``texts_found`` counts outcomes by locale.

    The ``diff`` of a changed text marks words as ``[-removed-]`` and ``{+added+}``. ``moved_units`` were retired and
    added with the same text; ``texts_adopted`` counts by locale what they took along.
    """

    snapshot: int | None
    same_as_current: bool
    format: str
    locales: list[str]
    added: int
    changed: int
    unchanged: int
    retired: int
    revived: int
    objections: list[str]
    changed_texts: list[dict[str, str]]
    retired_keys: list[str]
    moved_units: list[dict[str, str]]
    texts_adopted: dict[str, dict[str, int]]
    texts_found: dict[str, dict[str, int]]
    problems: list[SourceProblem]


class MovedUnitAnswer(BaseModel):
    """A unit that moved without its texts; in ``locales`` the new one could take the old one's."""

    old: str
    new: str
    locales: list[str]


class MovedAnswer(BaseModel):
    """The units that moved without their texts, and by locale how many texts were taken along just now."""

    units: list[MovedUnitAnswer]
    adopted: dict[str, int]


class FindingAnswer(BaseModel):
    """One finding; ``start`` and ``end`` are code points in the normalised text.

    ``dismissed_by`` is the id of the person who dismissed or waived it, with the reason: it does not count then.
    """

    id: int
    check: str
    severity: str
    start: int
    end: int
    message: str
    replacement: str | None
    dismissed_by: str | None = None
    dismissed_at: datetime | None = None
    dismissed_reason: str | None = None


class DecisionAnswer(BaseModel):
    """One decision on the current pair of texts. ``person`` is a person's id."""

    id: int
    kind: DecisionKind
    person: str
    reason: RejectReason | None
    comment: str
    exception: str | None
    reopens: int | None
    at: datetime


class UnitAnswer(BaseModel):
    """One unit with its text in a locale. Send both hashes back with a decision: it holds for exactly these texts.

    In a conflict ``their_text`` is what Transifex holds; a choice names its hash too.
    """

    key: str
    source: str
    source_hash: str
    text: str | None
    text_hash: str | None
    state: State
    approvals: int
    approvals_needed: int
    sensitive: bool
    author: str | None
    origin: str | None
    written_at: datetime | None
    reviewed_on_transifex: bool
    carrier: str
    priority: int
    context: dict[str, Any]
    findings: list[FindingAnswer]
    in_conflict: bool
    their_text: str | None = None
    their_hash: str | None = None
    decisions: list[DecisionAnswer] = Field(default_factory=list)


class UnitsAnswer(BaseModel):
    """One page of units; ``next`` is the address of the next page, None at the end."""

    units: list[UnitAnswer]
    next: str | None


class DecisionBody(Shape):
    """A decision on one pair of texts. ``with_warnings`` confirms an approval of a text with open warnings."""

    key: str
    kind: DecisionKind
    source_hash: str
    text_hash: str
    reason: RejectReason | None = None
    comment: str = Field(default="", max_length=4000)
    reopens: int | None = None
    with_warnings: bool = False


class CorrectionBody(Shape):
    """Another text, written by a reviewer; it then waits for a second person."""

    key: str
    source_hash: str
    text_hash: str
    text: str = Field(max_length=20_000)


class ConflictBody(Shape):
    """Which side's text stays where both changed. All three hashes must be those of the texts that were seen."""

    key: str
    source_hash: str
    text_hash: str
    their_hash: str
    keep: Literal["ours", "theirs"]


class BulkBody(Shape):
    """An approval of every waiting text that passes."""

    with_warnings: bool = False
    reason: str = Field(min_length=1, max_length=4000)


class BulkAnswer(BaseModel):
    """How many texts were approved, and why the other waiting ones were passed over."""

    approved: int
    passed_over: dict[str, int]


class ImportAnswer(BaseModel):
    """What became of imported texts. ``listed`` are those that were kept out, with both texts."""

    taken: int
    outcomes: dict[str, int]
    listed: list[dict[str, str]]
    unknown_keys: list[str]
    replaced_characters: list[str]


class InheritedAnswer(BaseModel):
    """What became of the approved texts of the parent: filled or renewed here, equal already, or another text kept."""

    parent: str
    filled: int
    renewed: int
    equal: int
    kept: int


class FormatBody(Shape):
    """In which format a deployment's texts are to lie on Transifex."""

    transifex_format: ResourceFormat


class DeploymentBody(Shape):
    """What of a deployment is to be another; what is missing or null stays."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    lone_reviewer: StrictBool | None = None
    conflict_policy: ConflictPolicy | None = None
    push_by_itself: StrictBool | None = None


class ScopeBody(Shape):
    """A change of scope; ``tag`` and ``reason`` for tag and untag."""

    action: Literal["exclude", "include", "tag", "untag"]
    pattern: str = Field(min_length=1, max_length=2000)
    tag: str = ""
    reason: str = Field(default="", max_length=2000)


class ScopeAnswer(BaseModel):
    """How many units the pattern matched and how many changed."""

    matched: int
    changed: int


class PushBody(Shape):
    """How to push. ``allow_removals`` goes on although more than a tenth of a resource's strings would be deleted."""

    allow_removals: bool = False


class JobAnswer(BaseModel):
    """A piece of long work: ask again until ``state`` is done, failed or cancelled."""

    id: int
    kind: str
    state: JobState
    done: int
    total: int
    message: str
    result: dict[str, Any] | None


class RunAnswer(BaseModel):
    """One push or pull: what it did and what it cost."""

    id: int
    kind: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    requests: int
    message: str
    outcome: dict[str, Any]


class SaidAnswer(BaseModel):
    """One thing said on a question. ``sent_at`` is null while Transifex has not heard of an answer of ours."""

    ours: bool
    by: str | None
    text: str
    at: datetime
    sent_at: datetime | None
    problem: str


class QuestionAnswer(BaseModel):
    """An issue that a volunteer opened on Transifex, with everything said since.

    ``known`` is false where no unit has the string; ``key`` is then Transifex's. ``locale`` is null where the language
    is none of the deployment's. ``resolving``: resolved here, and Transifex has not heard of it.
    """

    id: int
    key: str
    known: bool
    source: str | None
    locale: str | None
    language: str
    author: str | None
    text: str
    opened_at: datetime
    state: QuestionState
    closed_at: datetime | None
    resolving: bool
    problem: str
    thread: list[SaidAnswer]


class AnswerBody(Shape):
    """An answer. It is written on Transifex as it is, where comments can be public."""

    text: str = Field(max_length=20_000)
