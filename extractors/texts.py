"""How a text is cleaned, normalised and named by its hash.

The one place that decides when two texts are the same text. Approvals, synchronisation and bundles all compare by
:func:`text_hash`, so these rules are part of the data: changing one changes what every stored approval means.
"""

import hashlib
import re
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# What Ruby's String#strip removes at both ends (Primero strips every value of a translation file with it):
# not NBSP, not RLM, not ZERO WIDTH SPACE.
RUBY_STRIP = "\0\t\n\v\f\r "

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def clean_text(text: str) -> str:
    """Return ``text`` with NUL and lone surrogates as U+FFFD; no database or UTF-8 file can hold them.

    Call this on every text that comes from outside, before anything else; the result is "the original" from then on.
    Compare with the argument to know whether something was replaced (and report a Problem).
    """
    return _UNSTORABLE.sub(REPLACEMENT, text)


def normalise_text(text: str) -> str:
    """Return the text as reviewers see it and as it ships: NFC, CRLF as LF, ends stripped as Ruby's ``strip`` does."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip(RUBY_STRIP)


def text_hash(text: str) -> str:
    """Return the SHA-256 (64 hex digits) of the UTF-8 of the normalised text.

    Raises:
        UnicodeEncodeError: the text holds a lone surrogate, so it did not pass :func:`clean_text`.
    """
    return hashlib.sha256(normalise_text(text).encode()).hexdigest()


def is_blank(text: str | None) -> bool:
    """Return whether a text counts as no text: None, empty, or only what normalisation or Unicode calls space."""
    return text is None or not normalise_text(text).strip()


def count_words(text: str) -> int:
    """Return the number of words: runs of anything but white space, as Transifex counts them."""
    return len(text.split())
