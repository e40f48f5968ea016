"""The length that translators are told of on Transifex, in code points. Pure."""

import math

from extractors.units import UnitContext, UnitKey
from service.checks.limits import GROWTH
from service.checks.limits import find_limit as find_layout_limit


def find_limit(key: UnitKey, source: str, context: UnitContext) -> int | None:
    """Return how many characters a translation may have, None where no layout suffers (guiding questions scroll)."""
    limit = find_layout_limit(key, field_type=context.field_type, nested=bool(context.subform_of))
    return None if limit is None else max(limit.hard, math.ceil(GROWTH * len(source)))
