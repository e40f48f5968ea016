"""What a check is, what it looks at, and what it says: the words that the engine and every family of checks speak.

Everything here is data without database, clock or network, so that one text gets the same findings on every way in.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from extractors.texts import normalise_text
from extractors.units import UnitKey
from service.checks.choices import AS_SHIPPED, Choices
from service.checks.limits import Limit, find_limit
from service.checks.signs import ALWAYS, find_signs
from service.checks.terms import Glossary
from service.web.telling import Said, in_english


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
        severity: whether it blocks, warns or informs; at most the check's own.
        start: where it begins, in code points of the normalised target.
        end: one past its last code point; the whole text where no single place is to blame.
        message: a sentence or two for the reviewer: what is wrong, and what to do where that is not plain; in English.
        replacement: what to put between ``start`` and ``end``, only where that is safe; "" removes; None: no offer.
        said: the message as it can be told in another language; None where an earlier version found it.
    """

    check_id: str
    severity: Severity
    start: int
    end: int
    message: str
    replacement: str | None = None
    said: Said | None = field(default=None, compare=False)


# Not frozen: making a frozen one takes a tenth of the time that all checks on it take together.
@dataclass(slots=True)
class TextPair:
    """A source text and its translation, as every check sees them. Nobody changes one.

    Attributes:
        key: the unit's canonical key.
        source: the normalised source text.
        target: the normalised translation, which character ranges of findings refer to.
        locale: Primero's code of the translation.
        source_locale: Primero's code of the source text.
        original: the translation as it came, before normalisation; None where nobody kept it.
        prop: the unit's property, such as ``display_name`` or ``option_strings_text``.
        option_set: canonical name of the option set it belongs to, or None.
        record: canonical name of the form or lookup it belongs to; "" where unknown.
        limit: how long the text may be where Primero draws it; None where no layout suffers or nothing is known.
        digits: ``own`` or ``latin`` where the deployment chose the digits of this locale, else "".
        allowed_bidi: direction controls this deployment accepts in balanced use; none by default.
        source_signs: the kinds of signs in the source, of :mod:`service.checks.signs`.
        signs: those in the target.
        glossary: the deployment's terms in this locale, None where nobody has any.
    """

    key: str
    source: str
    target: str
    locale: str
    source_locale: str = "en"
    original: str | None = None
    prop: str = ""
    option_set: str | None = None
    record: str = ""
    limit: Limit | None = None
    digits: str = ""
    allowed_bidi: frozenset[str] = frozenset()
    glossary: Glossary | None = None
    source_signs: int = field(init=False, compare=False, repr=False)
    signs: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        self.source_signs = find_signs(self.source)
        self.signs = find_signs(self.target)

    @classmethod
    def of(
        cls,
        key: UnitKey,
        source: str,
        target: str,
        locale: str,
        *,
        source_locale: str = "en",
        field_type: str | None = None,
        nested: bool = False,
        choices: Choices = AS_SHIPPED,
        glossary: Glossary | None = None,
    ) -> "TextPair":
        """Return the pair for two texts as they came: both normalised, the facts about the unit taken from its key.

        ``field_type`` and ``nested`` (its form is a subform) say where Primero draws the text.
        """
        limit = find_limit(key, field_type=field_type, nested=nested)
        return cls(
            key=str(key),
            source=normalise_text(source),
            target=normalise_text(target),
            locale=locale,
            source_locale=source_locale,
            original=target,
            prop=key.prop,
            option_set=key.option_set,
            record=key.record_key,
            limit=limit.scaled(choices.room) if limit and choices.room != 100 else limit,
            digits=choices.digits,
            allowed_bidi=choices.allowed_bidi,
            glossary=glossary,
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

    def finding(
        self, start: int, end: int, said: Said, replacement: str | None = None, severity: Severity | None = None
    ) -> Finding:
        """Return a finding of this check, of its severity unless a milder one is given."""
        return Finding(self.id, severity or self.severity, start, end, in_english(said), replacement, said)


@dataclass(frozen=True, slots=True)
class TextCheck(Check):
    """A check that needs one pair of texts and nothing else. ``find`` is pure and gives findings in text order.

    Attributes:
        find: the check itself.
        signs: kinds of signs of which the two texts together must hold one, else there is nothing to find.
        speaks: whether the check has anything to say of a locale.
    """

    find: Callable[[TextPair], Iterable[Finding]]
    signs: int = ALWAYS
    speaks: Callable[[str], bool] = lambda _locale: True


class Scope(StrEnum):
    """Which texts of one locale a check sees together."""

    OPTION_SET = "option set"
    RECORD = "form or lookup"
    SOURCE = "equal source texts"


@dataclass(frozen=True, slots=True)
class TextGroup:
    """Texts of one locale that are checked together.

    Attributes:
        members: those that have a translation, in the order of the source.
        untranslated: source texts of those that ought to have one and have none.
    """

    members: Sequence[TextPair]
    untranslated: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class GroupCheck(Check):
    """A check over texts together. ``find`` is pure and gives (key of the member, finding)."""

    scope: Scope
    find: Callable[[TextGroup], Iterable[tuple[str, Finding]]]
