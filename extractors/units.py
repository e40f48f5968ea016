"""The neutral model that every other package speaks: units, catalogs, records and problems.

A *unit* is one translatable text of a Primero configuration, named by a key path. A *catalog* is everything that was
read from one input: its units in the order of the input, the records (forms and lookups) they stand in, the locales
present, and the problems met.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote, unquote

from extractors.texts import count_words, is_blank, normalise_text


class RecordKind(StrEnum):
    """What a unit belongs to. Primero keeps forms ("FormSection") and lookups; we read nothing else."""

    FORM = "form"
    LOOKUP = "lookup"


FORM_PROPERTIES = ("name", "description", "help_text")
FIELD_PROPERTIES = (
    "display_name",
    "help_text",
    "guiding_questions",
    "tick_box_label",
    "signature_provided_by_label",
)
OPTION_PROPERTIES = ("option_strings_text", "tally")
LOOKUP_PROPERTIES = ("name",)
LOOKUP_OPTION_PROPERTY = "lookup_values"


@dataclass(frozen=True, slots=True, order=True)
class UnitKey:
    """The name of a unit. ``str(key)`` is its canonical form, used wherever a key is shown or exchanged.

    ``form/ID/name`` · ``form/ID/FIELD/display_name`` · ``form/ID/FIELD/option_strings_text/OPTION`` ·
    ``form/ID/FIELD/tally/OPTION`` · ``lookup/ID/name`` · ``lookup/ID/lookup_values/VALUE``; each part percent-encoded
    except ``A-Za-z0-9-._~``.
    """

    kind: RecordKind
    record: str
    prop: str
    field: str | None = None
    option: str | None = None

    def parts(self) -> tuple[str, ...]:
        """Return the parts in the order of the canonical form, not encoded."""
        inner = (self.field, self.prop, self.option)
        return (self.kind.value, self.record, *(part for part in inner if part is not None))

    def __str__(self) -> str:
        return "/".join(quote(part, safe="") for part in self.parts())

    @property
    def record_key(self) -> str:
        """Return the canonical name of the form or lookup, ``form/ID`` or ``lookup/ID``."""
        return "/".join(quote(part, safe="") for part in (self.kind.value, self.record))

    @property
    def option_set(self) -> str | None:
        """Return the canonical name of the option set this unit belongs to (its key without the option), or None."""
        if self.option is None:
            return None
        return str(self).rpartition("/")[0]

    @classmethod
    def parse(cls, text: str) -> "UnitKey":
        """Return the key with this canonical form.

        Raises:
            ValueError: the text is not the canonical form of any key; the message says why.
        """
        parts = [unquote(part, errors="strict") for part in text.split("/")]
        key = _key_from_parts(parts)
        if key is None or str(key) != text:
            raise ValueError(f"{text!r} is not a unit key such as form/ID/FIELD/display_name")
        return key


def _key_from_parts(parts: list[str]) -> UnitKey | None:
    match parts:
        case ["form", record, prop] if prop in FORM_PROPERTIES:
            return UnitKey(RecordKind.FORM, record, prop)
        case ["form", record, name, prop] if prop in FIELD_PROPERTIES:
            return UnitKey(RecordKind.FORM, record, prop, field=name)
        case ["form", record, name, prop, option] if prop in OPTION_PROPERTIES:
            return UnitKey(RecordKind.FORM, record, prop, field=name, option=option)
        case ["lookup", record, prop] if prop in LOOKUP_PROPERTIES:
            return UnitKey(RecordKind.LOOKUP, record, prop)
        case ["lookup", record, prop, option] if prop == LOOKUP_OPTION_PROPERTY:
            return UnitKey(RecordKind.LOOKUP, record, prop, option=option)
    return None


@dataclass(frozen=True, slots=True)
class UnitContext:
    """What a translator needs to know beside the text. Texts here are source texts; None means "not known".

    Attributes:
        record_type: case, incident, tracing_request, registry_record or family (a form's ``parent_form``).
        record_name: name of the form or lookup.
        group: label of the form's group in Primero's navigation where its lookup is at hand, else the group's id.
        subform_of: the questions that open this subform, as "Form name › Field label".
        field_type: Primero's field type, such as ``select_box``.
        question: the label of the field that an option, help text or other property belongs to.
        siblings: the other options of the same set, in order, at most 20.
        help_text: the field's help text.
        required: whether the field must be filled in.
        used_by: where a lookup is used, as "Form name › Field label", at most 20.
        disabled: whether the option is disabled.
    """

    record_type: str | None = None
    record_name: str | None = None
    group: str | None = None
    subform_of: tuple[str, ...] = ()
    field_type: str | None = None
    question: str | None = None
    siblings: tuple[str, ...] = ()
    help_text: str | None = None
    required: bool = False
    used_by: tuple[str, ...] = ()
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """One translatable text.

    Attributes:
        key: its name.
        source: the original text in the source locale, "" where the input has none.
        texts: the original texts of every other locale present; "" where the input has the key without a text.
        hidden: the field is not visible in Primero; such texts are left out by default, as Primero's export does.
    """

    key: UnitKey
    source: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    context: UnitContext = field(default_factory=UnitContext)
    hidden: bool = False

    @property
    def words(self) -> int:
        """Return the number of words of the source text."""
        return count_words(self.source)

    @property
    def characters(self) -> int:
        """Return the number of code points of the normalised source text."""
        return len(normalise_text(self.source))


@dataclass(frozen=True, slots=True)
class OptionInfo:
    """One option of a field or value of a lookup, in its place. ``tags`` decide by which way it can be delivered."""

    id: str
    disabled: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field of a form, in its place, as far as drawing and delivering it needs.

    ``option_source`` is Primero's ``option_strings_source`` (``lookup lookup-gender``, ``Location``, …).
    ``options`` are the field's own, ``tally`` those of a tally field.
    """

    name: str
    type: str | None = None
    visible: bool = True
    required: bool = False
    option_source: str | None = None
    subform: str | None = None
    options: tuple[OptionInfo, ...] = ()
    tally: tuple[OptionInfo, ...] = ()
    multi_select: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """One form or lookup, in the order of the input. ``options`` are a lookup's values, ``fields`` a form's fields."""

    kind: RecordKind
    id: str
    record_type: str | None = None
    group: str | None = None
    nested: bool = False
    visible: bool = True
    order: tuple[int, int] = (0, 0)
    fields: tuple[FieldInfo, ...] = ()
    options: tuple[OptionInfo, ...] = ()

    @property
    def key(self) -> str:
        """Return the canonical name, ``form/ID`` or ``lookup/ID``."""
        return "/".join(quote(part, safe="") for part in (self.kind.value, self.id))


@dataclass(frozen=True, slots=True)
class Problem:
    """An odd part of an input: what, where, and what was done about it. The rest of the input is used.

    Attributes:
        code: a stable id, such as ``not-text``.
        message: one sentence for a deployment specialist.
        file: the member it stands in.
        path: the place inside the file, such as ``fr.consent.fields.agree.display_name``; "" where it has none.
    """

    code: str
    message: str
    file: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything read from one input.

    Attributes:
        format: the name of the format, a folder of :mod:`extractors.formats`.
        source_locale: the locale whose texts are the units' ``source``.
        units: in the order of the input, each key once.
        records: forms and lookups, in the order of the input.
        locales: every locale present, the source locale first where it is present.
        problems: odd parts, in the order met.
    """

    format: str
    source_locale: str
    units: tuple[Unit, ...]
    records: tuple[Record, ...] = ()
    locales: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def translatable(self, *, include_hidden: bool = False) -> Iterator[Unit]:
        """Yield the units that have a source text, those of hidden fields only on request."""
        for unit in self.units:
            if not is_blank(unit.source) and (include_hidden or not unit.hidden):
                yield unit
