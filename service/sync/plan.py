"""What a push and a pull have to do, as named values: pure, from what we hold and what Transifex says it holds."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from extractors.texts import clean_text, is_blank, normalise_text, text_hash
from extractors.units import RecordKind, UnitKey
from service.sync.keys import resource_record, resource_slug
from service.sync.rules.formats import Line, TextFormat, choose_spelling, find_escaping

LOOKUPS_NAME = "Lookups"

REMOVAL_LIMIT = 0.10
"""A push that would delete more than this share of a resource's strings stops, unless it is told to go on."""

SETTLING = timedelta(seconds=60)
"""Transifex dates changes to the second, and its statistics may lag: what changed this recently is pulled again."""


@dataclass(frozen=True, slots=True)
class PushUnit:
    """A unit in use, as a push sees it.

    ``known_hash``: the source text Transifex last got from us, None for none. ``comment``: what it is for.
    """

    id: int
    key: UnitKey
    source: str
    source_hash: str
    known_hash: str | None = None
    comment: str = ""


@dataclass(frozen=True)
class LocalResource:
    """What one resource on Transifex is to hold: the units of a form, or of all lookups, in their order."""

    slug: str
    record: str
    name: str
    locale: str
    units: tuple[PushUnit, ...]
    format: TextFormat

    @cached_property
    def content_hash(self) -> str:
        """Return the SHA-256 of the file, which depends on the normalised texts and on what they are for alone."""
        return hashlib.sha256(self.content({})).hexdigest()

    def content(self, kept: Mapping[str, str]) -> bytes:
        """Return the file: every unit's normalised text, or the text ``kept`` has under its string key."""
        lines = (
            Line(unit.key, kept.get(self.format.string_key(unit.key)) or normalise_text(unit.source), unit.comment)
            for unit in self.units
        )
        return self.format.serialize((line for line in lines if not is_blank(line.text)), self.locale)


@dataclass(frozen=True, slots=True)
class Layout:
    """The resources that the units in use make up, and the units that are in none of them.

    ``indistinct`` cannot be told apart on Transifex; ``unfit`` says, by key, why the format cannot carry a text.
    """

    resources: tuple[LocalResource, ...]
    indistinct: tuple[str, ...] = ()
    unfit: Mapping[str, str] = field(default_factory=dict)


def lay_out(
    units: Iterable[PushUnit],
    locale: str,
    text_format: TextFormat,
    *,
    slugs: Mapping[str, str],
    names: Mapping[str, str],
) -> Layout:
    """Return the resources of the units, in the order of their first unit.

    Args:
        units: the units in use, in order.
        locale: the source locale.
        text_format: the one in which they are sent.
        slugs: the slugs that records have on Transifex already; others get theirs by rule.
        names: names of records.
    """
    grouped: dict[str, dict[str, PushUnit]] = {}
    indistinct = []
    unfit = {}
    for unit in units:
        objection = text_format.find_objection(normalise_text(unit.source))
        if objection:
            unfit[str(unit.key)] = objection
            continue
        strings = grouped.setdefault(resource_record(unit.key), {})
        if strings.setdefault(text_format.string_key(unit.key), unit) is not unit:
            indistinct.append(str(unit.key))
    resources = []
    for record, strings in grouped.items():
        members = tuple(strings.values())
        first = members[0].key
        name = LOOKUPS_NAME if first.kind is RecordKind.LOOKUP else names.get(record) or first.record
        slug = slugs.get(record) or resource_slug(first)
        resources.append(LocalResource(slug, record, name, locale, members, text_format))
    return Layout(tuple(resources), tuple(indistinct), unfit)


@dataclass(frozen=True, slots=True)
class RemoteResource:
    """A resource as Transifex lists it. Format, number of strings and date of its making are None where not said."""

    slug: str
    name: str
    format: str | None = None
    strings: int | None = None
    made: datetime | None = None


@dataclass(frozen=True, slots=True)
class PushedFact:
    """What we remember of a resource: the hash of the file that it last got, and how many strings it then had.

    ``content_hash`` is "" while it is to be sent again whatever it holds.
    """

    slug: str
    record: str
    content_hash: str
    strings: int


class StepKind(StrEnum):
    """What a push does with one resource."""

    CREATE = "create"
    UPDATE = "update"
    KEEP = "keep"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class PushStep:
    """What a push does with one resource; ``reason`` is a sentence where it refuses.

    ``first``: the resource stood there before we ever sent anything to it. ``known``: what we remember of it.
    """

    kind: StepKind
    resource: LocalResource
    remote: RemoteResource | None = None
    reason: str = ""
    first: bool = False
    known: PushedFact | None = None


@dataclass(frozen=True, slots=True)
class PushPlan:
    """The steps of a push; ``left`` are the slugs of resources we once filled and have no text for any more."""

    steps: tuple[PushStep, ...]
    left: tuple[str, ...] = ()

    def of(self, *kinds: StepKind) -> tuple[PushStep, ...]:
        """Return the steps of these kinds."""
        return tuple(step for step in self.steps if step.kind in kinds)


def plan_push(
    local: Sequence[LocalResource], remote: Iterable[RemoteResource], pushed: Iterable[PushedFact]
) -> PushPlan:
    """Return what has to be sent: resources that are missing there, and those whose texts changed since they were sent.

    A resource whose number of strings is another than it was after our last push was changed there: it is sent again.
    """
    there = {resource.slug: resource for resource in remote}
    facts = {fact.record: fact for fact in pushed}
    records = {resource.record for resource in local}
    left = tuple(fact.slug for fact in facts.values() if fact.record not in records and fact.slug in there)
    return PushPlan(tuple(_plan_step(resource, there, facts.get(resource.record)) for resource in local), left)


def _plan_step(resource: LocalResource, there: Mapping[str, RemoteResource], fact: PushedFact | None) -> PushStep:
    remote = there.get(resource.slug)
    if remote is None:
        return PushStep(StepKind.CREATE, resource, known=fact)
    if remote.format not in (None, resource.format.name):
        return PushStep(
            StepKind.REFUSE, resource, remote,
            f"The resource {resource.slug!r} on Transifex has the format {remote.format}, not {resource.format.name}, "
            "which cannot be changed there: delete it there, then push again.",
        )  # fmt: skip
    same = fact is not None and fact.content_hash == resource.content_hash
    if same and fact is not None and remote.strings in (None, fact.strings):
        return PushStep(StepKind.KEEP, resource, remote)
    return PushStep(StepKind.UPDATE, resource, remote, first=fact is None, known=fact)


def hash_to_remember(step: PushStep, counted: int | None) -> str:
    """Return the hash to remember of a resource that was sent, "" where the next push is to send it again.

    One in which Transifex counts fewer strings than we sent is sent once more. When it then counts as many as before it
    is believed, since there are texts that it cannot read; but none at all is never believed.

    Args:
        step: what was done.
        counted: how many strings Transifex counts now, None where it does not say.
    """
    if counted is None or counted >= len(step.resource.units):
        return step.resource.content_hash
    same = step.known is not None and not step.known.content_hash and step.known.strings == counted
    return step.resource.content_hash if same and counted else ""


def say_difference(step: PushStep, counted: int | None) -> str:
    """Return in words that Transifex counts other strings than were sent, and what follows from that; else ""."""
    sent = len(step.resource.units)
    if counted in (None, sent):
        return ""
    said = f"Transifex counts {counted} strings in {step.resource.slug!r}, we sent {sent}"
    if counted is not None and counted > sent:
        return f"{said}: look for strings that were added there."
    if hash_to_remember(step, counted):
        return f"{said}, as before: look for texts that it cannot read."
    return f"{said}: the next push sends them once more."


@dataclass(frozen=True, slots=True)
class RemoteString:
    """A source text as Transifex holds it; ``text`` None for one that is read as plural forms."""

    key: str
    text: str | None


@dataclass(frozen=True, slots=True)
class UploadPlan:
    """What one upload does.

    Attributes:
        content: the file.
        fresh: units that Transifex has not got a text for yet, or none any more.
        changed: units whose text there becomes another; Transifex drops their translations.
        removed: canonical keys (or string keys, where no unit can have them) that it deletes.
        refusal: a sentence when it would delete too many, else "".
        escaped: whether the texts stand there as they stand in the file, None where none of them tells.
    """

    content: bytes
    fresh: tuple[PushUnit, ...] = ()
    changed: tuple[PushUnit, ...] = ()
    removed: tuple[str, ...] = ()
    refusal: str = ""
    escaped: bool | None = None


def plan_upload(resource: LocalResource, there: Sequence[RemoteString], *, allow_removals: bool) -> UploadPlan:
    """Return what uploading the resource does to the strings that stand there.

    A text there that differs from ours in spelling alone (its hash is ours) is sent as it stands there: sending ours
    would have its translations dropped for nothing.
    """
    texts = {string.key: string.text for string in there}
    ours = {resource.format.string_key(unit.key): unit for unit in resource.units}
    escaped = find_escaping(resource.format, ((unit.source, texts.get(key)) for key, unit in ours.items()))
    spelling = choose_spelling(resource.format, escaped=escaped)
    kept: dict[str, str] = {}
    fresh, changed = [], []
    for key, unit in ours.items():
        text = None if (theirs := texts.get(key)) is None else spelling.read(theirs)
        if key not in texts:
            fresh.append(unit)
        elif text is not None and _may_stay(text, unit, resource.format):
            kept[key] = text
        else:
            changed.append(unit)
    gone = [key for key in texts if key not in ours and not resource.format.is_filler(key)]
    refusal = ""
    if len(gone) > REMOVAL_LIMIT * len(texts) and not allow_removals:
        refusal = (
            f"The push of {resource.slug!r} was stopped, because it would delete {len(gone)} of {len(texts)} strings "
            "on Transifex with their translations: repeat it with --allow-removals if that is meant."
        )
    kind = resource.units[0].key.kind
    removed = tuple(str(resource.format.parse_string_key(key, kind) or key) for key in gone)
    return UploadPlan(resource.content(kept), tuple(fresh), tuple(changed), removed, refusal, escaped)


def _may_stay(text: str, unit: PushUnit, text_format: TextFormat) -> bool:
    storable = clean_text(text) == text and not text_format.find_objection(text)
    return storable and text_hash(text) == unit.source_hash


@dataclass(frozen=True, slots=True)
class Statistics:
    """How one resource stands in one language on Transifex."""

    slug: str
    language: str
    total: int
    translated: int
    reviewed: int
    last_update: datetime | None = None


@dataclass(frozen=True, slots=True)
class PullPlan:
    """The pairs to pull, in the order of the listing, and how many have nothing new since the last pull."""

    pairs: tuple[Statistics, ...] = field(default=())
    unmoved: int = 0


def plan_pull(
    listed: Iterable[Statistics],
    seen: Iterable[Statistics],
    *,
    slugs: Collection[str],
    languages: Collection[str],
    everything: bool = False,
) -> PullPlan:
    """Return which (resource, language) pairs have to be pulled: those of ours that moved, and all we are unsure of.

    A pair without a single text, then as now, has nothing to tell.

    Args:
        listed: Transifex's statistics now.
        seen: those that were remembered at the last pull.
        slugs: the resources that hold our texts.
        languages: the languages that a locale of ours is mapped to.
        everything: pull all of them.
    """
    before = {(fact.slug, fact.language): fact for fact in seen}
    ours = [fact for fact in listed if fact.slug in slugs and fact.language in languages]
    pairs = tuple(fact for fact in ours if everything or _moved(fact, before.get((fact.slug, fact.language))))
    return PullPlan(pairs, len(ours) - len(pairs))


def _moved(fact: Statistics, before: Statistics | None) -> bool:
    if not fact.translated and (before is None or not before.translated):
        # There is not and was not a text in it. Most of a new project is like that.
        return False
    return fact.last_update is None or before != fact


@dataclass(frozen=True, slots=True)
class Listed:
    """What the full listing of one pair holds, counted as Transifex's statistics count it."""

    total: int
    translated: int
    reviewed: int


def disagree(fact: Statistics, listed: Listed) -> bool:
    """Return whether listing and statistics tell different things of a pair: one of them is behind the other."""
    return Listed(fact.total, fact.translated, fact.reviewed) != listed


def date_to_remember(fact: Statistics, listed: Listed, before: Statistics | None, now: datetime) -> datetime | None:
    """Return the date to remember for a pair that was pulled, None where the next pull is to list it again.

    A pair whose counts disagree is listed once more. When the statistics are then the same as before they are believed:
    some texts are counted in other ways for good.

    Args:
        fact: the statistics that led to the pull.
        listed: what the listing held.
        before: the statistics that were remembered before it.
        now: the time.
    """
    if disagree(fact, listed) and not (before is not None and before == replace(fact, last_update=None)):
        return None
    return settled(fact, now)


def settled(fact: Statistics, now: datetime) -> datetime | None:
    """Return the date to remember for a pair that was pulled, None when more may have happened within the same date."""
    if fact.last_update is None or now - fact.last_update < SETTLING:
        return None
    return fact.last_update
