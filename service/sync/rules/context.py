"""What a volunteer is told beside a source text on Transifex: instructions, tags and a character limit. Pure."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from extractors.units import RecordKind, UnitContext, UnitKey
from service.checks.families.folding import PLACEHOLDER
from service.sync.rules.limits import find_limit

MAX_INSTRUCTIONS = 1000
"""Transifex refuses longer instructions."""

OPENING = "Where: "
"""How our instructions begin: others were written by a person and are left alone."""

SENSITIVE = "sensitive"
OPTION = "option"

_OWN_PREFIXES = ("form:", "lookup:")
_LINE = 300
_QUOTED = 120
_ARROW = " › "


@dataclass(frozen=True, slots=True)
class EarlierText:
    """A translation that was written on an earlier source text: both texts, for the volunteer to go on from."""

    locale: str
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """What stands beside one source text. ``limit`` is None where nothing but common sense limits the length."""

    instructions: str
    tags: tuple[str, ...]
    limit: int | None = None


def write_note(
    key: UnitKey,
    source: str,
    context: UnitContext,
    *,
    sensitive: bool,
    earlier: Iterable[EarlierText] = (),
    limits: bool = True,
) -> Note:
    """Return what to tell of a unit.

    Args:
        key: the unit.
        source: its source text.
        context: what the source says about it.
        sensitive: whether two persons have to approve it.
        earlier: its stale translations, in the order in which they are to be shown.
        limits: whether to set character limits.
    """
    return Note(
        _fit(_lines(key, source, context, sensitive, earlier)),
        _tags(key, sensitive),
        find_limit(key, source, context) if limits else None,
    )


def write_comment(key: UnitKey, context: UnitContext) -> str:
    """Return what a file tells of a unit to whoever translates the file itself: where it stands, and what it is.

    It says nothing that changes while the unit's texts stay: each change of it has the file sent again.
    """
    return f"{OPENING}{_place(key, context)}\nWhat: {_what(key, context)}"


def is_own_tag(tag: str) -> bool:
    """Return whether a tag is one of those that we set, and so may take away."""
    return tag in (SENSITIVE, OPTION) or tag.startswith(_OWN_PREFIXES)


def hash_notes(notes: Mapping[str, Note]) -> str:
    """Return a SHA-256 over the notes of one resource by string key: the same while there is nothing new to tell."""
    facts = [[key, note.instructions, note.tags, note.limit] for key, note in sorted(notes.items())]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _tags(key: UnitKey, sensitive: bool) -> tuple[str, ...]:
    # Encoded as in the key: a comma in an id would part the tag in two wherever tags are listed.
    kind, _, record = key.record_key.partition("/")
    tags = [f"{kind}:{record}"]
    if key.option is not None:
        tags.append(OPTION)
    if sensitive:
        tags.append(SENSITIVE)
    return tuple(sorted(tags))


def _lines(
    key: UnitKey, source: str, context: UnitContext, sensitive: bool, earlier: Iterable[EarlierText]
) -> Iterator[str]:
    """Yield the lines, the most needed first: what does not fit is left out from the end."""
    yield OPENING + _place(key, context)
    yield f"What: {_what(key, context)}"
    names = list(dict.fromkeys(match[0] for match in PLACEHOLDER.finditer(source)))
    if names:
        yield f"Keep as they are: {', '.join(names)}"
    if sensitive:
        yield "Sensitive wording: please take special care; two people approve it."
    for old in earlier:
        yield f"Before ({old.locale}): {_quoted(old.source)} was {_quoted(old.text)}"
    if key.prop != "help_text" and context.help_text:
        yield f"Help text: {_flat(context.help_text)}"
    if context.siblings:
        yield f"Other options: {_flat(', '.join(context.siblings))}"
    if context.used_by:
        yield f"Used by: {_flat(', '.join(context.used_by))}"
    if context.subform_of:
        yield f"Opened by: {_flat(', '.join(context.subform_of))}"


def _place(key: UnitKey, context: UnitContext) -> str:
    parts = [context.record_name or key.record]
    if key.field is not None and (key.prop != "display_name" or context.question):
        parts.append(context.question or key.field)
    if context.group and key.kind is RecordKind.FORM:
        parts.insert(0, context.group)
    return _ARROW.join(_flat(part) for part in parts)


_PROPERTIES = {
    "display_name": "question",
    "help_text": "help text",
    "guiding_questions": "guiding questions",
    "tick_box_label": "text beside a tick box",
    "signature_provided_by_label": "label under a signature",
    "option_strings_text": "option",
    "tally": "option of a tally",
    "lookup_values": "option of a lookup",
    "description": "description of a form",
}


def _what(key: UnitKey, context: UnitContext) -> str:
    name = "name of a form" if key.kind is RecordKind.FORM else "name of a lookup"
    said = [_PROPERTIES.get(key.prop, name)]
    if context.field_type:
        said.append(f"field type {context.field_type}")
    if context.record_type:
        said.append(f"record type {context.record_type}")
    if context.required:
        said.append("must be filled in")
    if context.disabled:
        said.append("no longer offered")
    return ", ".join(said)


def _quoted(text: str) -> str:
    return f"“{_flat(text, _QUOTED)}”"


def _flat(text: str, length: int = _LINE) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length else f"{flat[: length - 1].rstrip()}…"


def _fit(lines: Iterable[str]) -> str:
    text = ""
    for line in lines:
        more = f"{text}\n{line}" if text else line[:MAX_INSTRUCTIONS]
        if len(more) <= MAX_INSTRUCTIONS:
            text = more
    return text
