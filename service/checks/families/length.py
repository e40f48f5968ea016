"""Length: what is far longer or shorter than its source, and what does not fit where Primero draws it."""

import re
from collections.abc import Iterable

from service.checks.findings import Finding, Severity, TextCheck, TextPair
from service.checks.limits import relative_width
from service.checks.locales import find_locale
from service.web.telling import say, say_many

_LONG, _SHORT, _ENOUGH = 2.5, 0.2, 10
# Widths are averages of ordinary text; one text is easily a tenth narrower than they say.
_DOUBT = 1.1
_ROOM = 20  # English compounds ("Record Owner") need this much more in many languages
_ACRONYM = re.compile(r"\b[A-Z]{2,}s?\b|/")
_SHORT_FORM = re.compile(r"[^\W\d_a-z]{2,8}")
_WIDTHS: dict[str, float] = {}


def _find_ratio(pair: TextPair) -> Iterable[Finding]:
    ours, theirs = len(pair.source), len(pair.target)
    if ours <= _ENOUGH:
        return ()
    width = _width_of(pair.locale)
    if theirs * width > _LONG * ours + _ROOM and not _ACRONYM.search(pair.source):
        told = say("The translation is more than two and a half times as long as the source text; was something added?")
    elif theirs * max(width, 1) < _SHORT * ours and not _SHORT_FORM.fullmatch(pair.target):
        told = say("The translation is less than a fifth as long as the source text; something may be missing.")
    else:
        return ()
    return (LENGTH_RATIO.finding(0, theirs, told),)


def _find_too_wide(pair: TextPair) -> Iterable[Finding]:
    limit = pair.limit
    if limit is None:
        return ()
    width = len(pair.target) * _width_of(pair.locale)
    if width <= (limit.soft if limit.cut else limit.hard):
        return ()
    limit = limit.grown(len(pair.source) * _width_of(pair.source_locale))
    hard = width > limit.hard
    if not hard and (width <= _DOUBT * limit.soft or not limit.cut):
        return ()  # a label beyond the soft limit only wraps
    room = round((limit.hard if hard else limit.soft) / _width_of(pair.locale))
    severe = hard and limit.severe
    over = max(len(pair.target) - room, 1)
    if severe:
        told = say_many(
            "The text is about one character too long for its place and spoils the layout.",
            "The text is about %(num)s characters too long for its place and spoils the layout.",
            over,
        )
        return (MAX_LENGTH.finding(0, len(pair.target), told),)
    told = say_many(
        "The text is about one character too long for its place and is cut or wrapped.",
        "The text is about %(num)s characters too long for its place and is cut or wrapped.",
        over,
    )
    return (MAX_LENGTH.finding(0, len(pair.target), told, severity=Severity.INFORMS),)


def _width_of(locale: str) -> float:
    """Return how wide a code point of the locale's script is, Latin being 1."""
    try:
        return _WIDTHS[locale]
    except KeyError:
        info = find_locale(locale)
        return _WIDTHS.setdefault(locale, relative_width(info.script)) if info else 1.0


LENGTH_RATIO = TextCheck(
    "length_ratio",
    "The translation is far longer or far shorter than the source text.",
    Severity.WARNS,
    "length",
    _find_ratio,
)
MAX_LENGTH = TextCheck(
    "max_length",
    "The translation is too long for the place where Primero draws it.",
    Severity.WARNS,
    "length",
    _find_too_wide,
)
