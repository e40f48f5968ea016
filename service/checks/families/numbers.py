"""Numbers: the same ones on both sides, whatever digits, separators and order the language uses."""

import re
from collections import Counter
from collections.abc import Iterator

from service.checks.families.folding import PLACEHOLDER, blank_out, fold_digits
from service.checks.families.links import introduced_addresses
from service.checks.findings import Finding, Severity, TextCheck, TextPair
from service.checks.signs import DIGIT
from service.web.telling import Put, Said, code, listed, say

_DIGIT = re.compile(r"\d")
_RUN = re.compile(r"[0-9]+")
_NUMBER = re.compile(
    r"(?<![0-9])[1-9][0-9]{0,2}(?:[ \u00a0\u2009\u202f][0-9]{3}(?![0-9]))+(?:[.,\u066b][0-9]+)?"
    r"|[0-9]+(?:[.,'\u2019\u066b\u066c][0-9]+)*"
)
_SPACE = re.compile(r"\s")
_SEPARATOR = re.compile(r"[.,'\u2019\u066b\u066c]")
_LAKH = re.compile(r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}")
_DECIMAL = ".,\u066b"

# What a language may rightly say without a figure.
_ORDINAL = re.compile(r"([0-9]+)(?:st|nd|rd|th)\b", re.IGNORECASE)
_CLOCK = re.compile(r"[0-9]\s?[ap]\.?m\b", re.IGNORECASE)
_OWN_FIGURES = re.compile("[\u1369-\u137c〇一二三四五六七八九十百千万两]")
_LIST_NUMBER = re.compile(r"^[ \t]*\(?([0-9]{1,2})[.)](?=\s)", re.MULTILINE)
_DUAL = frozenset({"ar", "aeb"})


def _find_numbers(pair: TextPair) -> Iterator[Finding]:
    if not _DIGIT.search(pair.source) and not _DIGIT.search(pair.target):
        return
    source = blank_out(PLACEHOLDER, fold_digits(pair.source))
    target = blank_out(PLACEHOLDER, fold_digits(pair.target))
    if sorted(_RUN.findall(source)) == sorted(_RUN.findall(target)) or _CLOCK.search(source):
        return
    for address in introduced_addresses(pair):  # links_introduced has said it already
        target = target[: address.start] + " " * (address.end - address.start) + target[address.end :]
    wanted, present = _numbers(source), _numbers(target)
    missing, extra = wanted - present, present - wanted
    missing -= _may_be_words(pair, source)
    _forgive_list_numbers(source, target, missing, extra)
    if missing or extra:
        yield NUMBERS.finding(*_place(target, extra), _tell(missing, extra))


def _numbers(text: str) -> Counter[str]:
    return Counter(value for match in _NUMBER.finditer(text) for value in _values(match[0]))


def _values(token: str) -> list[str]:
    """Return what a written number stands for: thousands separators gone, ``.`` before decimals, no leading zeros.

    A token that is no single number (a date, a chapter such as 1.2.3) gives each of its parts.
    """
    token = _SPACE.sub("", token)
    parts = _SEPARATOR.split(token)
    if len(parts) == 1:
        return [_plain(token)]
    signs = _SEPARATOR.findall(token)
    grouped = all(len(part) == 3 for part in parts[1:])
    if (grouped and len(set(signs)) == 1 and len(parts[0]) <= 3 and parts[0] != "0") or _LAKH.fullmatch(token):
        return [_plain("".join(parts))]
    if signs[-1] in _DECIMAL and all(len(part) == 3 for part in parts[1:-1]):
        fraction = parts[-1].rstrip("0")
        return [_plain("".join(parts[:-1])) + (f".{fraction}" if fraction else "")]
    return [_plain(part) for part in parts]


def _plain(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _may_be_words(pair: TextPair, source: str) -> Counter[str]:
    """Return the numbers of the source that the translation may lack: its language says them without these digits."""
    if _OWN_FIGURES.search(pair.target):
        return _numbers(source)
    words = Counter(_plain(match[1]) for match in _ORDINAL.finditer(source))
    if pair.locale.partition("-")[0] in _DUAL:
        # The singular and the dual of an Arabic noun hold the number: "2 years" is one word.
        words += Counter({value: count for value, count in _numbers(source).items() if value in ("1", "2")})
    return words


def _forgive_list_numbers(source: str, target: str, missing: Counter[str], extra: Counter[str]) -> None:
    """Drop list numbers from both counts where only one side numbers its list with digits."""
    ours, theirs = _LIST_NUMBER.findall(source), _LIST_NUMBER.findall(target)
    if ours and not theirs:
        missing.subtract(ours)
    if theirs and not ours:
        extra.subtract(theirs)
    for counter in (missing, extra):
        counter += Counter()  # in place: drops what is no longer there


def _place(target: str, extra: Counter[str]) -> tuple[int, int]:
    for match in _NUMBER.finditer(target):
        if any(value in extra for value in _values(match[0])):
            return match.span()
    return 0, len(target)


def _tell(missing: Counter[str], extra: Counter[str]) -> Said:
    told = say("The numbers differ.")
    if missing:
        told += say("Missing: %(numbers)s.", numbers=_named(missing))
    if extra:
        told += say("Not in the source text: %(numbers)s.", numbers=_named(extra))
    return told


def _named(numbers: Counter[str]) -> Put:
    return listed([code(number) for number in sorted(numbers, key=float)])


NUMBERS = TextCheck(
    "numbers",
    "The numbers of the translation are not those of the source text.",
    Severity.WARNS,
    "numbers",
    _find_numbers,
    DIGIT,
)
