"""Placeholders: ``%{name}``, where Primero puts a value. A broken one is shown to the user as it stands."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from service.checks.families.folding import PLACEHOLDER
from service.checks.findings import Finding, Severity, TextCheck, TextPair
from service.checks.signs import BRACE, PERCENT
from service.web.telling import Put, code, listed, say

# A well-built placeholder, whatever letters its name has; Primero knows ASCII names only, translators invent others.
_ANY_NAME = re.compile(r"%\{([^\s{}%]+)\}")

# Everything that looks like a placeholder: full-width signs, spaces and invisible marks inside, a brace turned round
# or the percent sign behind, as right-to-left editors leave them.
_NEAR = re.compile(
    r"[%٪％﹪]\W{0,3}?[{｛﹛][^{}｛｝﹛﹜%\n]{0,60}[}｝﹜]?"
    r"|[{｛﹛][^{}｛｝﹛﹜%\n]{1,60}[}｝﹜][%٪％﹪]?"
    r"|[}｝﹜][\w ]{1,60}[{｛﹛][%٪％﹪]?"
)
_PERCENT = "%٪％﹪"
_BRACE = re.compile(r"[{}｛｝﹛﹜]")
_PERCENTAGE = re.compile(r"\d\s?$")
_NAME_NOISE = re.compile(r"\W+")


def _find_mismatch(pair: TextPair) -> Iterator[Finding]:
    source, target = pair.source, pair.target
    if "%{" not in source and "%{" not in target:
        return
    wanted, present = Counter(PLACEHOLDER.findall(source)), Counter(_ANY_NAME.findall(target))
    if wanted == present:
        return
    missing, extra = wanted - present, present - wanted
    told = say("The placeholders differ from the source text.")
    if missing:
        told += say("Missing: %(placeholders)s.", placeholders=_shown(missing))
    if extra:
        told += say("Too many: %(placeholders)s.", placeholders=_shown(extra))
    place = next((match.span() for match in _ANY_NAME.finditer(target) if match[1] in extra), (0, len(target)))
    yield MISMATCH.finding(*place, told)


def _shown(names: Counter[str]) -> Put:
    return listed([code(f"%{{{name}}}") for name in names])


def _find_invented(pair: TextPair) -> Iterator[Finding]:
    if "%{" not in pair.target:
        return
    known = set(_ANY_NAME.findall(pair.source))
    matches = list(_ANY_NAME.finditer(pair.target))
    invented = [match for match in matches if match[1] not in known and not _is_damage(match[1])]
    missing = known - {match[1] for match in matches}
    for match in invented:
        # Only when one is invented and one is missing is it certain which was meant.
        meant = f"%{{{next(iter(missing))}}}" if len(missing) == len(invented) == 1 else None
        told = say(
            "%(placeholder)s is not a placeholder of the source text, so nothing would be put in its place.",
            placeholder=code(match[0]),
        )
        if meant:
            told += say("Keep %(placeholder)s as it is; its name is not translated.", placeholder=code(meant))
        yield INVENTED.finding(*match.span(), told, meant)


def _is_damage(name: str) -> bool:
    """Say whether the name carries signs that nobody sees, such as a right-to-left mark: harmed, not invented."""
    return any(unicodedata.category(char) == "Cf" for char in name)


def _find_damaged(pair: TextPair) -> Iterator[Finding]:
    target = pair.target
    if not _BRACE.search(target):
        return
    known = {_bare(name): name for name in PLACEHOLDER.findall(pair.source)}
    in_source = {match[0] for match in _NEAR.finditer(pair.source)}
    for match in _NEAR.finditer(target):
        text = match[0]
        whole = _ANY_NAME.fullmatch(text)
        if (whole and not _is_damage(whole[1])) or text in in_source:
            continue
        name = known.get(_bare(text))
        if name is None and (text[0] not in _PERCENT or _PERCENTAGE.search(_before(target, match.start()))):
            continue  # braces alone, or behind "50 %", are ordinary writing, unless they hold a name of the source
        meant = f"%{{{name}}}" if name else None
        told = say("%(placeholder)s is a damaged placeholder.", placeholder=code(text))
        if meant:
            told += say("Write %(placeholder)s.", placeholder=code(meant))
        else:
            told += say("Copy it from the source text.")
        yield DAMAGED.finding(*match.span(), told, meant)


def _before(text: str, place: int) -> str:
    return text[max(0, place - 2) : place]


def _bare(text: str) -> str:
    return _NAME_NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold()


MISMATCH = TextCheck(
    "placeholder_mismatch",
    "A placeholder such as %{name} is missing, or stands there more often than in the source text.",
    Severity.BLOCKS,
    "placeholders",
    _find_mismatch,
    PERCENT,
)
INVENTED = TextCheck(
    "placeholder_invented",
    "A placeholder has a name that the source text does not know, often because the name was translated.",
    Severity.BLOCKS,
    "placeholders",
    _find_invented,
    PERCENT,
)
DAMAGED = TextCheck(
    "placeholder_damaged",
    "Something looks like a placeholder but is not quite one: spaces, other brackets or hidden marks got into it.",
    Severity.BLOCKS,
    "placeholders",
    _find_damaged,
    BRACE,
)
