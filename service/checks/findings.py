"""What a check is, what it looks at, and what it says: the words that the engine and every family of checks speak.

Everything here is data without database, clock or network, so that one text gets the same findings on every way in.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from extractors.texts import normalise_text
from extractors.units import UnitKey


class Severity(StrEnum):
    """What a finding means for a decision. The value is the letter shown in the table of checks."""

    BLOCKS = "B"
    WARNS = "W"
    INFORMS = "I"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one translation.

    Attributes:
        check_id: the check that found it.
        severity: whether it blocks, warns or informs.
        start: where it begins, in code points of the normalised target.
        end: one past its last code point; the whole text where no single place is to blame.
        message: one sentence for the reviewer: what is wrong, and what to do where that is not plain.
        replacement: what to put between ``start`` and ``end``, only where that is safe; "" removes; None: no offer.
    """

    check_id: str
    severity: Severity
    start: int
    end: int
    message: str
    replacement: str | None = None


@dataclass(frozen=True, slots=True)
class TextPair:
    """A source text and its translation, as every check sees them.

    Attributes:
        key: the unit's canonical key.
        source: the normalised source text.
        target: the normalised translation, which character ranges of findings refer to.
        locale: Primero's code of the translation.
        source_locale: Primero's code of the source text.
        original: the translation as it came, before normalisation; None where nobody kept it.
        prop: the unit's property, such as ``display_name`` or ``option_strings_text``.
        option_set: canonical name of the option set it belongs to, or None.
        allowed_bidi: direction controls this deployment accepts in balanced use; none by default.
    """

    key: str
    source: str
    target: str
    locale: str
    source_locale: str = "en"
    original: str | None = None
    prop: str = ""
    option_set: str | None = None
    allowed_bidi: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        key: UnitKey,
        source: str,
        target: str,
        locale: str,
        *,
        source_locale: str = "en",
        allowed_bidi: frozenset[str] = frozenset(),
    ) -> "TextPair":
        """Return the pair for two texts as they came: both normalised, the facts about the unit taken from its key."""
        return cls(
            key=str(key),
            source=normalise_text(source),
            target=normalise_text(target),
            locale=locale,
            source_locale=source_locale,
            original=target,
            prop=key.prop,
            option_set=key.option_set,
            allowed_bidi=allowed_bidi,
        )


@dataclass(frozen=True, slots=True)
class Check:
    """What all checks have: a stable id, one sentence in the reviewer's words, a severity, a family.

    ``docs/checks/<id>.md`` explains it at length.
    """

    id: str
    sentence: str
    severity: Severity
    family: str

    def finding(self, start: int, end: int, message: str, replacement: str | None = None) -> Finding:
        """Return a finding of this check."""
        return Finding(self.id, self.severity, start, end, message, replacement)


@dataclass(frozen=True, slots=True)
class TextCheck(Check):
    """A check that needs one pair of texts and nothing else. ``find`` is pure and yields findings in text order."""

    find: Callable[[TextPair], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class OptionSetCheck(Check):
    """A check over all options of one set in one locale. ``find`` yields (key of the member, finding)."""

    find: Callable[[Sequence[TextPair]], Iterable[tuple[str, Finding]]]
