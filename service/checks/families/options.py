"""The options of one set, seen together: whoever fills in the form must be able to tell them apart."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence

from service.checks.families.content import is_invisible
from service.checks.findings import Finding, OptionSetCheck, Severity, TextPair

# Spaces that nobody sees and direction marks. Joiners stay: in Persian and Kurdish they change how a word looks.
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")


def _find_duplicates(members: Sequence[TextPair]) -> Iterator[tuple[str, Finding]]:
    by_look: dict[str, list[TextPair]] = defaultdict(list)
    for member in members:
        if not is_invisible(member.target):
            by_look[_look(member.target)].append(member)
    for alike in by_look.values():
        if len(alike) > 1:
            yield from _tell_apart(alike)


def _tell_apart(alike: list[TextPair]) -> Iterator[tuple[str, Finding]]:
    sources = {member.key: _look(member.source) for member in alike}
    for member in alike:
        others = list(dict.fromkeys(o.source for o in alike if sources[o.key] != sources[member.key]))
        if others:
            named = ", ".join(f"“{other}”" for other in others)
            message = f"The option {named} of the same list has this translation too; nobody could tell them apart."
            yield member.key, OPTION_DUPLICATE.finding(0, len(member.target), message)


def _look(text: str) -> str:
    """Return the form in which two options that look alike are equal: NFC, case folded, spaces and ends evened."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", _UNSEEN.sub("", text)).casefold())
    return " ".join(folded.split())


OPTION_DUPLICATE = OptionSetCheck(
    "option_duplicate",
    "Two options of one list have the same translation although their source texts differ.",
    Severity.BLOCKS,
    "options",
    _find_duplicates,
)
