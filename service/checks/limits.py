"""How long a text may be where Primero draws it, in characters of Latin script, and how wide other scripts are.

Figures: the public client's styles of 2026-08, measured with Helvetica, Noto Sans Arabic and the other Noto fonts on a
phone 360 px wide. They say where the layout suffers; Primero itself limits nothing, so length never blocks.
"""

import math
from dataclasses import dataclass

from extractors.units import RecordKind, UnitKey

GROWTH = 1.3
"""A translation may always be longer than its source by this factor: English itself is over some limits."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Beyond ``soft`` characters a text wraps on a phone (is cut off: ``cut``), beyond ``hard`` the layout suffers.

    ``severe`` is false where that is seen in exports or by administrators only.
    """

    soft: int
    hard: int
    cut: bool = False
    severe: bool = True

    def grown(self, source_width: float) -> "Limit":
        """Return the limit for the translation of a text of this width."""
        room = math.ceil(GROWTH * source_width)
        return Limit(max(self.soft, room), max(self.hard, room), self.cut, self.severe)

    def scaled(self, percent: int) -> "Limit":
        """Return the limit where texts may have this percentage of its length."""
        return Limit(self.soft * percent // 100, self.hard * percent // 100, self.cut, self.severe)


_FORM_NAME, _NESTED_NAME = Limit(28, 60, severe=False), Limit(15, 40, severe=False)
_LABEL = Limit(80, 200)
_ATTACHMENT = Limit(55, 110)
_LABELS = {
    "subform": Limit(50, 100),
    "photo_upload_box": _ATTACHMENT,
    "audio_upload_box": _ATTACHMENT,
    "document_upload_box": _ATTACHMENT,
    "separator": Limit(60, 130),
    "signature": Limit(50, 100),
}
_OPTION, _RADIO_OPTION = Limit(30, 80, cut=True), Limit(15, 30)
_PROPERTIES = {
    "description": Limit(500, 500, severe=False),
    "tick_box_label": Limit(50, 150),
    "signature_provided_by_label": Limit(50, 100),
    "tally": Limit(10, 20),
}
_FORM_HELP, _FIELD_HELP = Limit(500, 500, severe=False), Limit(180, 400)
_LOOKUP_NAME, _GROUP_NAME = Limit(40, 80, severe=False), Limit(24, 50)
_GROUP_NAMES = "lookup-form-group-"
_STEP = Limit(16, 30)
_TIGHT_LOOKUPS = {"lookup-workflow": _STEP, "lookup-case-status": _STEP, "lookup-risk-level": Limit(10, 18)}


def find_limit(key: UnitKey, *, field_type: str | None = None, nested: bool = False) -> Limit | None:
    """Return the limit of a unit, None where no layout suffers (guiding questions scroll).

    Args:
        key: the unit's key.
        field_type: Primero's type of the field it belongs to, such as ``radio_button``; None where unknown.
        nested: whether its form is a subform.
    """
    if key.kind is RecordKind.LOOKUP:
        return _lookup_limit(key)
    match key.prop:
        case "name":
            return _NESTED_NAME if nested else _FORM_NAME
        case "help_text":
            return _FORM_HELP if key.field is None else _FIELD_HELP
        case "display_name":
            return _LABELS.get(field_type or "", _LABEL)
        case "option_strings_text":
            return _RADIO_OPTION if field_type == "radio_button" else _OPTION
    return _PROPERTIES.get(key.prop)


def _lookup_limit(key: UnitKey) -> Limit:
    if key.option is None:
        return _LOOKUP_NAME
    if key.record.startswith(_GROUP_NAMES):
        return _GROUP_NAME
    return _TIGHT_LOOKUPS.get(key.record, _OPTION)


# Ems of advance for one code point of ordinary text. Measured for Latin, Arabic, Ethiopic, Bengali, Khmer and
# Devanagari, estimated for the others. Right-to-left pages have a root size of 18 px instead of 16.
_LATIN_EM = 0.461
_RTL_SIZE = 1.125
_EMS = {
    "Latn": _LATIN_EM,
    "Arab": 0.435 * _RTL_SIZE,
    "Ethi": 0.587,
    "Beng": 0.439,
    "Khmr": 0.401,
    "Deva": 0.375,
    "Thai": 0.42,
    "Mymr": 0.46,
    "Cyrl": 0.50,
    "Armn": 0.53,
    "Hans": 1.0,
}


def relative_width(script: str) -> float:
    """Return how wide a code point of a script (ISO 15924) is on Primero's pages, Latin being 1."""
    return _EMS.get(script, _LATIN_EM) / _LATIN_EM
