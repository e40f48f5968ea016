"""Lengths beyond which Primero's layout really suffers, in code points of Latin script. Pure."""

import math

from extractors.units import RecordKind, UnitContext, UnitKey

GROWTH = 1.3
"""A translation may always be longer than its source by this factor: English itself is over some limits."""

_FORM_NAME, _SUBFORM_NAME = 60, 40
_LABEL = 200
_LABELS = {"subform": 100, "photo_upload_box": 110, "audio_upload_box": 110, "document_upload_box": 110,
           "separator": 130, "signature": 100}  # fmt: skip
_OPTION, _RADIO_OPTION = 80, 30
_PROPERTIES = {"description": 500, "tick_box_label": 150, "signature_provided_by_label": 100, "tally": 20}
_FORM_HELP, _FIELD_HELP = 500, 400
_LOOKUP_NAME = 80
_GROUP_NAMES = "lookup-form-group-"
_TIGHT_LOOKUPS = {"lookup-workflow": 30, "lookup-case-status": 30, "lookup-risk-level": 18}


def find_limit(key: UnitKey, source: str, context: UnitContext) -> int | None:
    """Return how many characters a translation may have, None where no layout suffers (guiding questions scroll)."""
    limit = _lookup_limit(key) if key.kind is RecordKind.LOOKUP else _form_limit(key, context)
    return None if limit is None else max(limit, math.ceil(GROWTH * len(source)))


def _lookup_limit(key: UnitKey) -> int:
    if key.option is None:
        return _LOOKUP_NAME
    if key.record.startswith(_GROUP_NAMES):
        return 50
    return _TIGHT_LOOKUPS.get(key.record, _OPTION)


def _form_limit(key: UnitKey, context: UnitContext) -> int | None:
    match key.prop:
        case "name":
            return _SUBFORM_NAME if context.subform_of else _FORM_NAME
        case "help_text":
            return _FORM_HELP if key.field is None else _FIELD_HELP
        case "display_name":
            return _LABELS.get(context.field_type or "", _LABEL)
        case "option_strings_text":
            return _RADIO_OPTION if context.field_type == "radio_button" else _OPTION
    return _PROPERTIES.get(key.prop)
