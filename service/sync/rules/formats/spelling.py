"""Whether Transifex shows texts plainly, or as they stand in the file with the backslashes of the format. Pure."""

from collections.abc import Iterable

from extractors.texts import clean_text, normalise_text, text_hash
from service.sync.rules.formats.model import PLAIN, Spelling, TextFormat


def find_escaping(text_format: TextFormat, pairs: Iterable[tuple[str, str | None]]) -> bool | None:
    """Return whether texts stand there as they stand in the file, None where no text tells.

    Args:
        text_format: the format of the file.
        pairs: source texts of ours, each with the one that stands there, None for none.
    """
    if text_format.escaped is None:
        return None
    for source, theirs in pairs:
        ours = normalise_text(source)
        if theirs is None or text_format.escaped.write(ours) == ours:
            continue
        wanted = text_hash(ours)
        if text_hash(clean_text(theirs)) == wanted:
            return False
        if text_hash(clean_text(text_format.escaped.read(theirs))) == wanted:
            return True
    return None


def choose_spelling(text_format: TextFormat, *, escaped: bool | None) -> Spelling:
    """Return how texts of a resource in this format are read and written."""
    return text_format.escaped if escaped and text_format.escaped is not None else PLAIN
