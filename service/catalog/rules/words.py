"""Finding words in texts of any script: word boundaries, joined particles, invisible signs. Pure and precompiled.

Forms are compared without regard to case, to vowel marks and lengthening of Arabic letters, and to which white space
stands between their words. Nothing is inflected: every form that is meant must be listed.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cached_property

import regex


class WordStyle(StrEnum):
    """How words stand in a line."""

    SPACED = "spaced"
    ARABIC = "arabic"  # spaced, but and, with, to and the article are written together with the word
    UNSPACED = "unspaced"  # Khmer, Thai, Burmese, Chinese: no space between words


_MARKS = "\u0640\u064b-\u065f\u0670"
_UNSEEN = regex.compile(f"[{_MARKS}\u00ad\u200b\u2060\ufeff]")
_BETWEEN = f"[{_MARKS}\u00ad\u200b\u2060]*"
_SPACE = r"[\s\u00a0\u200b-\u200d]+"
_LETTER = r"[\p{L}\p{M}\p{N}]"
_APOSTROPHE = str.maketrans({"\u2019": "'", "\u02bc": "'"})
_PARTICLES = (
    f"(?:[\u0648\u0641]{_BETWEEN})?"
    f"(?:[\u0628\u0643]?{_BETWEEN}\u0627\u0644|\u0644\u0644|[\u0628\u0643\u0644\u0633])?{_BETWEEN}"
)
_ARTICLE = "\u0627\u0644"


_TOKEN = regex.compile(f"{_LETTER}+")
_MOST_JOINED = 5


def fold_text(text: str) -> str:
    """Return the text as quick comparisons want it: without invisible signs, case folded. Places are lost."""
    if not text.isascii():
        text = _UNSEEN.sub("", text).translate(_APOSTROPHE)
    return text.casefold()


class Words:
    """Forms of a word or phrase to look for.

    Args:
        forms: as they are written; white space and ZERO WIDTH NON-JOINER stand for any gap.
        style: how words stand in the texts looked at.
        whole: the word must end where the form ends; else it may go on, as ``survivant`` does in ``survivants``.
    """

    def __init__(self, forms: Sequence[str], style: WordStyle = WordStyle.SPACED, *, whole: bool = True) -> None:
        wanted = [" ".join(form.replace("\u200c", " ").split()) for form in forms]
        self._forms = sorted({form for form in wanted if form}, key=len, reverse=True)
        self._whole = whole
        self.style = style
        self.hints = frozenset(_hint(form, style) for form in self._forms)

    @cached_property
    def _pattern(self) -> regex.Pattern[str]:
        # Made for the few words that a text may hold: making all of a glossary's takes longer than looking for them.
        inner = "|".join(_alternatives(form, self.style) for form in self._forms) or "(?!)"
        before, after = _boundaries(self.style, whole=self._whole)
        return regex.compile(f"{before}(?P<word>{inner}){after}", regex.IGNORECASE)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where forms stand, as (start, end) in code points, from left to right."""
        for match in self._pattern.finditer(text):
            yield match.span("word")

    def stand_in(self, text: str) -> bool:
        """Return whether one of the forms stands in the text."""
        return self._pattern.search(text) is not None

    def blank_out(self, text: str) -> str:
        """Return the text with every form in it overwritten with spaces; places stay true."""
        return str(self._pattern.sub(lambda match: " " * len(match[0]), text))


class WordIndex:
    """Many words of one style, of which a text has few: tells quickly which are worth a look. All must be whole."""

    def __init__(self, words: Sequence[Words]) -> None:
        self._style = words[0].style if words else WordStyle.SPACED
        self._places: dict[str, list[int]] = {}
        for place, one in enumerate(words):
            for hint in one.hints:
                self._places.setdefault(hint, []).append(place)

    def candidates(self, text: str) -> list[int]:
        """Return the places of the words that may stand in the text, in their order."""
        folded = fold_text(text)
        if self._style is WordStyle.UNSPACED:
            hints = [hint for hint in self._places if hint in folded]
        else:
            joined = _MOST_JOINED if self._style is WordStyle.ARABIC else 1
            tokens = set(_TOKEN.findall(folded))
            hints = [token[cut:] for token in tokens for cut in range(joined) if token[cut:] in self._places]
        return sorted({place for hint in hints for place in self._places[hint]})


def _hint(form: str, style: WordStyle) -> str:
    """Return the longest word of the form as :func:`fold_text` leaves it: where it is missing, the form is too."""
    folded = fold_text(form)
    if style is WordStyle.UNSPACED:
        return str(max(folded.split(), key=len))
    tokens = _TOKEN.findall(folded) or [folded]
    if style is WordStyle.ARABIC:
        # After a joined particle the article may have lost its first letter.
        tokens = [token.removeprefix(_ARTICLE) or token for token in tokens]
    return str(max(tokens, key=len))


def _alternatives(form: str, style: WordStyle) -> str:
    pattern = _spelled(form)
    if style is WordStyle.ARABIC and form.startswith(_ARTICLE) and len(form) > len(_ARTICLE):
        # "to the": the article loses its first letter.
        return f"{pattern}|\u0644\u0644{_BETWEEN}{_spelled(form[len(_ARTICLE) :])}"
    return pattern


def _spelled(form: str) -> str:
    words = (_BETWEEN.join(_letter(char) for char in without_marks(word)) for word in form.split())
    return _SPACE.join(words)


def without_marks(word: str) -> str:
    """Return the word without vowel marks and invisible signs; itself where nothing else is left."""
    return str(_UNSEEN.sub("", word)) or word


def _letter(char: str) -> str:
    return "['\u2019\u02bc]" if char in "'\u2019\u02bc" else regex.escape(char)


def _boundaries(style: WordStyle, *, whole: bool) -> tuple[str, str]:
    if style is WordStyle.UNSPACED:
        # Not behind the sign that stacks the next consonant, not before a vowel sign of the last one.
        return r"(?<![\u17d2\u1039])", r"(?!\p{M})" if whole else ""
    # Vowel marks may follow the last letter.
    end = f"{_BETWEEN}(?!{_LETTER})" if whole else ""
    before = f"(?<!{_LETTER})"
    if style is WordStyle.ARABIC:
        before += _PARTICLES
    return before, end
