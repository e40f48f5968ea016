"""Markup: Primero's forms are plain text, so HTML in a translation is shown raw at best and runs at worst."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from service.checks.families.folding import fold_full_width
from service.checks.findings import Finding, Severity, TextCheck, TextPair
from service.checks.signs import MARKUP
from service.web.telling import Put, code, say

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
# Elements of ordinary text: those inside a line, and those that break it.
_INLINE = re.compile(r"a|abbr|b|big|code|em|font|i|mark|s|small|span|strike|strong|sub|sup|tt|u")
_BREAKING = re.compile(r"br|center|div|h[1-6]|hr|li|ol|p|table|tbody|td|th|tr|ul")


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
            told = say(
                "%(tag)s could load or run something; the source text has nothing like it, so take it out.",
                tag=code(tag.text),
            )
            yield INTRODUCED.finding(tag.start, tag.end, told)
        elif not before:
            told = say(
                "%(tag)s is HTML, and the source text is plain; Primero would show it raw, so take it out.",
                tag=code(tag.text),
            )
            yield INTRODUCED.finding(tag.start, tag.end, told, _without(tag, pair.target))
    if not tags:
        yield from _hidden_in_entities(pair)


def _without(tag: _Tag, text: str) -> str | None:
    """Return what to put in a tag's place; None where it may hold words: <nom> is no HTML but somebody's brackets."""
    name = tag.shape.removeprefix("/")
    breaks = _BREAKING.fullmatch(name) is not None
    if tag.comment or not (breaks or _INLINE.fullmatch(name)):
        return None
    around = text[max(tag.start - 1, 0) : tag.start], text[tag.end : tag.end + 1]
    return " " if breaks and all(sign.strip() for sign in around) else ""


def _hidden_in_entities(pair: TextPair) -> Iterator[Finding]:
    entities = list(_ENTITY.finditer(pair.target))
    if entities and _tags(html.unescape(pair.target)) and not _tags(html.unescape(pair.source)):
        told = say(
            "HTML is written here in character codes such as %(code)s; the source text is plain, so take it out.",
            code=code("&lt;"),
        )
        yield INTRODUCED.finding(entities[0].start(), entities[-1].end(), told)


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
    told = say("The HTML tags differ from the source text.")
    if missing:
        told += say("Missing: %(tags)s.", tags=_named(missing))
    if extra:
        told += say("Too many: %(tags)s.", tags=_named(extra))
    yield MISMATCH.finding(*place, told)


def _named(shapes: Counter[str]) -> Put:
    return code(" ".join(f"<{shape}>" for shape in shapes))


INTRODUCED = TextCheck(
    "html_introduced",
    "The translation holds HTML or script where the source text is plain.",
    Severity.BLOCKS,
    "markup",
    _find_introduced,
    MARKUP,
)
MISMATCH = TextCheck(
    "html_mismatch",
    "The HTML tags of the translation are not those of the source text.",
    Severity.WARNS,
    "markup",
    _find_mismatch,
    MARKUP,
)
