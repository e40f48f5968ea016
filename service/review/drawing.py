"""What a page draws of a form or lookup, so that it looks as Primero will show it to a case worker. Pure.

What Primero shows where a translation is missing differs from text to text: most labels fall to English, guiding
questions vanish, a tick box says "Yes". These rules stand here; they were read in Primero's public code (2026-08).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from extractors.units import LOOKUP_OPTION_PROPERTY, FieldInfo, OptionInfo, Record, RecordKind, UnitKey
from service.review.layout import DEEPEST, DRAWN_VALUES, Layout, has_layout, lookup_of, subform_of
from service.review.pieces import Piece, cut_pieces


class Show(StrEnum):
    """Which language a form is drawn in."""

    TARGET = "target"
    SOURCE = "source"
    BOTH = "both"


class Instead(StrEnum):
    """What Primero shows where the translation is missing."""

    SOURCE = "source"
    OWN_WORD = "own-word"
    NOTHING = "nothing"


class Control(StrEnum):
    """How a field looks. Types that look alike share one; ``other`` is a type we do not know."""

    TEXT = "text"
    TEXTAREA = "textarea"
    NUMBER = "number"
    DATE = "date"
    PHONE = "phone"
    RADIO = "radio"
    SELECT = "select"
    TICK = "tick"
    TALLY = "tally"
    SEPARATOR = "separator"
    SIGNATURE = "signature"
    UPLOAD = "upload"
    SUBFORM = "subform"
    LINK = "link"
    OTHER = "other"


_CONTROLS = {
    "text_field": Control.TEXT,
    "textarea": Control.TEXTAREA,
    "numeric_field": Control.NUMBER,
    "date_field": Control.DATE,
    "date_range": Control.DATE,
    "phone_number": Control.PHONE,
    "radio_button": Control.RADIO,
    "select_box": Control.SELECT,
    "tick_box": Control.TICK,
    "tally_field": Control.TALLY,
    "separator": Control.SEPARATOR,
    "signature": Control.SIGNATURE,
    "photo_upload_box": Control.UPLOAD,
    "audio_upload_box": Control.UPLOAD,
    "document_upload_box": Control.UPLOAD,
    "subform": Control.SUBFORM,
    "link_to_form": Control.LINK,
}
_INSTEAD = {
    "guiding_questions": Instead.NOTHING,
    "tick_box_label": Instead.OWN_WORD,
    "signature_provided_by_label": Instead.OWN_WORD,
}
_OWN_WORDS = {"tick_box_label": "Yes", "signature_provided_by_label": "Signature provided by"}
_DATE_HELP = "dd-mmm-yyyy"
_CHOOSING = frozenset({Control.RADIO, Control.SELECT})
_NO_MARK_ON = frozenset({Control.SEPARATOR, Control.SUBFORM, Control.UPLOAD})
"""Where Primero draws no asterisk, required or not."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text as it stands now. ``source`` and ``text`` are normalised; ``text`` None: no translation.

    ``state`` is the state's word; ``left_out``: it is not to be translated.
    """

    key: str
    position: int
    source: str
    text: str | None
    state: str
    sensitive: bool = False
    blocked: bool = False
    warned: bool = False
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """One text in its place.

    Attributes:
        text: the text; None where the configuration has none and Primero says a word of its own.
        instead: what Primero shows because there is no translation; None where the translation stands.
        own_word: Primero's own word in English, where that is what it shows.
        anchored: this is the first place of the text on the page, the one that a link to it opens at.
    """

    text: Text | None
    instead: Instead | None = None
    own_word: str = ""
    anchored: bool = False

    @property
    def source_pieces(self) -> tuple[Piece, ...]:
        """Return the source text in pieces."""
        return cut_pieces(self.text.source) if self.text else ()

    @property
    def target_pieces(self) -> tuple[Piece, ...]:
        """Return the translation in pieces; none where there is no translation."""
        return cut_pieces(self.text.text or "") if self.text else ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One option. A disabled one is offered no more, but stays where it was chosen before."""

    text: Drawn
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class DrawnField:
    """One field in its place.

    Attributes:
        control: how it looks.
        type: Primero's word for its type.
        required: an asterisk stands after the label.
        label: title of the field, None where the configuration has none.
        inner: the label beside a tick box, or over the name of who signs.
        choices: options of a radio button or select, or the boxes of a tally.
        more: values of the lookup that are not drawn.
        lookup: canonical name of the lookup that the options come from, "" for none.
        options_from: where else the options come from (``Location``, ``Agency``, …) or a lookup that is not there.
        many: several options can be chosen.
        opens: canonical name of the subform that it opens, "" for none.
        fields: the fields of that subform; none where they are drawn further up.
    """

    control: Control
    type: str
    required: bool = False
    label: Drawn | None = None
    help_text: Drawn | None = None
    guidance: Drawn | None = None
    inner: Drawn | None = None
    choices: tuple[Choice, ...] = ()
    more: int = 0
    lookup: str = ""
    options_from: str = ""
    many: bool = False
    opens: str = ""
    fields: tuple["DrawnField", ...] = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """A form or lookup as it is drawn.

    Attributes:
        key: canonical name.
        layout_known: the source tells types and places; else ``plain`` holds the texts as they come.
        title: its name.
        group: label of its group in Primero's navigation, where Primero shows one.
        fields: of a form.
        choices: the values of a lookup.
        plain: every text, in the order of the source, where no layout is known.
        unseen: texts that Primero does not draw on this page, such as a form's description.
    """

    key: str
    layout_known: bool
    title: Drawn | None = None
    group: Drawn | None = None
    fields: tuple[DrawnField, ...] = ()
    choices: tuple[Choice, ...] = ()
    plain: tuple[Drawn, ...] = ()
    unseen: tuple[Drawn, ...] = ()


def draw(layout: Layout, key: str, texts: Sequence[Text]) -> Drawing:
    """Return the record as it is drawn.

    Args:
        layout: the configuration's records.
        key: canonical name of the form or lookup; it need not be in the layout.
        texts: the texts of everything that ``layout.forms_in(key)`` and ``layout.values_in(key)`` name, in order.
    """
    return _Pen(layout, key, texts).draw()


class _Pen:
    """Draws one record and remembers which texts have their place."""

    def __init__(self, layout: Layout, key: str, texts: Sequence[Text]) -> None:
        self.layout = layout
        self.key = key
        self.record = layout.records.get(key)
        self.texts = {text.key: text for text in texts}
        self.drawn: set[str] = set()
        self.opened: set[str] = set()

    def draw(self) -> Drawing:
        found = (self.text(UnitKey.parse(key)) for key in self.layout.group_keys(self.key))
        group = next((text for text in found if text), None)
        title = self.text(UnitKey.parse(f"{self.key}/name"))
        record = self.record
        if record is not None and record.kind is RecordKind.LOOKUP:
            values = (
                (UnitKey(record.kind, record.id, LOOKUP_OPTION_PROPERTY, option=each.id), each)
                for each in record.options
            )
            return Drawing(self.key, True, title, choices=self.choices(values), unseen=self.rest())
        if record is None or not has_layout(record):
            return Drawing(self.key, False, title, group, plain=self.rest())
        return Drawing(self.key, True, title, group, self.fields(record, ()), unseen=self.rest())

    def fields(self, form: Record, within: tuple[str, ...]) -> tuple[DrawnField, ...]:
        return tuple(self.field(form, info, within) for info in form.fields if info.visible)

    def field(self, form: Record, info: FieldInfo, within: tuple[str, ...]) -> DrawnField:
        control = _CONTROLS.get(info.type or "", Control.OTHER)
        values = self.layout.lookup_values(info) if control in _CHOOSING else []
        label = self.text(UnitKey(form.kind, form.id, "display_name", field=info.name))
        if label and label.instead and control is Control.SUBFORM and within:
            # The title of a subform that stands in another subform is the one label that falls to nothing.
            label = replace(label, instead=Instead.NOTHING)
        help_text = self.text(UnitKey(form.kind, form.id, "help_text", field=info.name))
        if control is Control.DATE and help_text is None:
            help_text = Drawn(None, Instead.OWN_WORD, _DATE_HELP)
        return DrawnField(
            control=control,
            type=info.type or "",
            required=info.required and control not in _NO_MARK_ON,
            label=label,
            help_text=help_text,
            guidance=self.text(UnitKey(form.kind, form.id, "guiding_questions", field=info.name)),
            inner=self.inner(control, form, info),
            # A field with options of its own and a lookup is drawn with both: none of them may be overlooked.
            choices=(*self.own_choices(control, form, info), *self.choices(values[:DRAWN_VALUES])),
            more=max(0, len(values) - DRAWN_VALUES),
            lookup=lookup_of(info) if values else "",
            options_from="" if info.options or values else info.option_source or "",
            many=info.multi_select,
            opens=subform_of(info) if subform_of(info) in self.layout.records else "",
            fields=self.subform(info, (*within, form.key)) if control is Control.SUBFORM else (),
        )

    def inner(self, control: Control, form: Record, info: FieldInfo) -> Drawn | None:
        prop = {Control.TICK: "tick_box_label", Control.SIGNATURE: "signature_provided_by_label"}.get(control)
        if prop is None:
            return None
        found = self.text(UnitKey(form.kind, form.id, prop, field=info.name))
        return found or Drawn(None, Instead.OWN_WORD, _OWN_WORDS[prop])

    def own_choices(self, control: Control, form: Record, info: FieldInfo) -> tuple[Choice, ...]:
        if control is Control.TALLY:
            prop, options = "tally", info.tally
        elif control in _CHOOSING:
            prop, options = "option_strings_text", info.options
        else:
            return ()
        return self.choices(
            (UnitKey(form.kind, form.id, prop, field=info.name, option=each.id), each) for each in options
        )

    def choices(self, options: Iterable[tuple[UnitKey, OptionInfo]]) -> tuple[Choice, ...]:
        return tuple(Choice(found, option.disabled) for key, option in options if (found := self.text(key)))

    def subform(self, info: FieldInfo, within: tuple[str, ...]) -> tuple[DrawnField, ...]:
        form = self.layout.records.get(subform_of(info))
        if form is None or form.key in {*within, *self.opened} or len(within) > DEEPEST:
            return ()
        # A subform that two fields open is drawn once: configurations may repeat themselves without end.
        self.opened.add(form.key)
        return self.fields(form, within)

    def text(self, key: UnitKey) -> Drawn | None:
        """Return the text in its place, or None where the configuration has no such text."""
        text = self.texts.get(str(key))
        if text is None:
            return None
        first = text.key not in self.drawn
        self.drawn.add(text.key)
        if text.text:
            return Drawn(text, anchored=first)
        return Drawn(text, _INSTEAD.get(key.prop, Instead.SOURCE), _OWN_WORDS.get(key.prop, ""), first)

    def rest(self) -> tuple[Drawn, ...]:
        """Return the texts of the record and its subforms that have no place yet, in order."""
        own = set(self.layout.forms_in(self.key))
        left = (UnitKey.parse(key) for key in self.texts if key not in self.drawn)
        return tuple(text for key in left if key.record_key in own and (text := self.text(key)))
