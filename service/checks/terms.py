"""A glossary, ready to look for: which terms a source text has, and which forms stand in its translation. Pure.

Nothing is inflected: a source term counts where one of its listed forms stands as a whole word. An accepted form may go
on at its end (``survivant`` covers ``survivants``), a forbidden one is a whole word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from service.catalog.rules.words import WordIndex, Words, WordStyle
from service.checks.locales import UnknownLocale, get_locale

_UNSPACED = frozenset({"Khmr", "Thai", "Mymr", "Hans"})


@dataclass(frozen=True, slots=True)
class Term:
    """One term: how the source text writes it, how translations have to, how they must not, and why."""

    term: str
    inflections: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FoundForm:
    """A forbidden form in a translation, from ``start`` to ``end``, and the term it belongs to."""

    term: Term
    start: int
    end: int


class Glossary:
    """The terms of one deployment and locale. Texts in which no term can stand cost next to nothing."""

    def __init__(self, terms: Sequence[Term], locale: str, source_locale: str) -> None:
        style, source_style = word_style(locale), word_style(source_locale)
        self._terms = tuple(terms)
        self._sources = [Words([term.term, *term.inflections], source_style) for term in terms]
        self._accepted = [Words(term.accepted, style, whole=False) for term in terms]
        self._forbidden = [Words(term.forbidden, style) for term in terms]
        self._source_index = WordIndex(self._sources)
        self._forbidden_index = WordIndex(self._forbidden)
        # One source text is met in many units: names of options, yes and no.
        self._in_source = lru_cache(maxsize=4096)(self._find_in_source)

    def _find_in_source(self, source: str) -> tuple[int, ...]:
        candidates = self._source_index.candidates(source)
        return tuple(place for place in candidates if self._sources[place].stand_in(source))

    def missing(self, source: str, target: str) -> list[Term]:
        """Return the terms of the source text of which no accepted form stands in the translation."""
        wanted = [place for place in self._in_source(source) if self._terms[place].accepted]
        return [self._terms[place] for place in wanted if not self._accepted[place].stand_in(target)]

    def forbidden(self, source: str, target: str) -> list[FoundForm]:
        """Return the forbidden forms in the translation, in text order.

        What one term forbids is right where the source text has another term that accepts it.
        """
        found = [
            FoundForm(self._terms[place], start, end)
            for place in self._forbidden_index.candidates(target)
            for start, end in self._forbidden[place].find(target)
            if not self._is_accepted(source, target[start:end])
        ]
        return sorted(found, key=lambda form: (form.start, form.end))

    def _is_accepted(self, source: str, form: str) -> bool:
        return any(self._accepted[place].stand_in(form) for place in self._in_source(source))


@lru_cache(maxsize=256)
def word_style(locale: str) -> WordStyle:
    """Return how words stand in a line of this locale."""
    try:
        script = get_locale(locale).script
    except UnknownLocale:
        return WordStyle.SPACED
    if script in _UNSPACED:
        return WordStyle.UNSPACED
    # Kurdish, Pashto and Dari write these particles apart, or have others.
    return WordStyle.ARABIC if locale.startswith("ar") or locale == "aeb" else WordStyle.SPACED
