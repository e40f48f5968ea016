"""Markup: Primero's forms are plain text, so HTML in a translation is shown raw at best and runs at worst."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from service.checks.families.folding import fold_full_width
from service.checks.findings import Finding, Severity, TextCheck, TextPair

# Elements and attributes that load or run something. A browser also takes them unclosed; with a space behind the
# bracket none does, but a later "repair" may.
_LOADS = (
    "script|iframe|frame|object|embed|applet|svg|math|img|image|video|audio|source|link|meta|base|style|form|input"
    "|button"
)
_ACTIVE = (
    rf"</?(?:{_LOADS})\b[^<>]{{0,500}}>"
    rf"|<\s{{0,3}}/?\s{{0,3}}(?:{_LOADS})(?:\s[^<>]{{0,500}}=[^<>]{{0,500}}|\s{{0,3}}/?)>"
    rf"|<(?:{_LOADS})[\s/][^<>]{{0,500}}="
    r"|<(?:script|iframe)\b"
    r"|<\s{0,3}[a-z][^<>]{0,500}?[\s\"'/]on[a-z]{3,30}\s{0,9}=[^<>]{0,500}>?"
    r"|\b(?:java|vb)script:(?=\S)"
    r"|\bdata:text/html\b"
)
_COMMENT = r"<!--|<!\[CDATA\[|<!doctype\b|<\?[a-z]+"
# An ordinary tag. Words between the brackets need a "=", else "a<b and c>d" would be one; a doubled bracket is a
# typed guillemet, as in <<word>>.
_PLAIN = (
    r"(?:(?<!<)|(?=</?(?:b|i|u|p|a|br|em|strong|div|span)\b))"
    r"</?[a-z][a-z0-9-]*(?:\s*/?>|\s[^<>]{0,500}=[^<>]{0,500}>)"
)
_MARKUP = re.compile(f"(?P<active>{_ACTIVE})|(?P<comment>{_COMMENT})|{_PLAIN}", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#x?[0-9a-f]{1,8}|[a-z]{2,31});", re.IGNORECASE)
_NAME = re.compile(r"</?\s*([a-z0-9-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Tag:
    text: str
    start: int
    end: int
    active: bool
    comment: bool

    @property
    def shape(self) -> str:
        """What two texts have in common when they have the same tag: ``b``, ``/b``, ``br``."""
        name = _NAME.match(self.text)
        return ("/" if self.text.startswith("</") else "") + (name[1] if name else self.text).lower()


def _tags(text: str) -> list[_Tag]:
    folded = fold_full_width(text)
    if "<" not in folded and ":" not in folded:
        return []
    return [
        _Tag(match[0], *match.span(), match["active"] is not None, match["comment"] is not None)
        for match in _MARKUP.finditer(folded)
    ]


def _find_introduced(pair: TextPair) -> Iterator[Finding]:
    tags = _tags(pair.target)
    if not tags and "&" not in pair.target:
        return
    before = _tags(pair.source)
    known = {tag.text.casefold() for tag in before}
    for tag in tags:
        if tag.active and tag.text.casefold() not in known:
            message = f"{tag.text} could load or run something; the source text has nothing like it, so take it out."
            yield INTRODUCED.finding(tag.start, tag.end, message)
        elif not before:
            message = f"{tag.text} is HTML, and the source text is plain; Primero would show it raw, so take it out."
            yield INTRODUCED.finding(tag.start, tag.end, message, None if tag.comment else "")
    if not tags:
        yield from _hidden_in_entities(pair)


def _hidden_in_entities(pair: TextPair) -> Iterator[Finding]:
    entities = list(_ENTITY.finditer(pair.target))
    if entities and _tags(html.unescape(pair.target)) and not _tags(html.unescape(pair.source)):
        message = "HTML is written here in character codes such as &lt;; the source text is plain, so take it out."
        yield INTRODUCED.finding(entities[0].start(), entities[-1].end(), message)


def _find_mismatch(pair: TextPair) -> Iterator[Finding]:
    before = [tag for tag in _tags(pair.source) if not tag.active]
    if not before:
        return
    after = _tags(pair.target)
    tags = [tag for tag in after if not tag.active]  # active ones are html_introduced's
    wanted = Counter(tag.shape for tag in before)
    missing = wanted - Counter(tag.shape for tag in after)
    extra = Counter(tag.shape for tag in tags) - wanted
    if not missing and not extra:
        return
    place = next(((tag.start, tag.end) for tag in tags if tag.shape in extra), (0, len(pair.target)))
    parts = [
        f"{' '.join(f'<{shape}>' for shape in shapes)} {word}"
        for shapes, word in ((missing, "missing"), (extra, "too many"))
        if shapes
    ]
    yield MISMATCH.finding(*place, f"The HTML tags differ from the source text: {', '.join(parts)}.")


INTRODUCED = TextCheck(
    "html_introduced",
    "The translation holds HTML or script where the source text is plain.",
    Severity.BLOCKS,
    "markup",
    _find_introduced,
)
MISMATCH = TextCheck(
    "html_mismatch",
    "The HTML tags of the translation are not those of the source text.",
    Severity.WARNS,
    "markup",
    _find_mismatch,
)
