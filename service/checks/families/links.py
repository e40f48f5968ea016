"""Web addresses, e-mail addresses and phone numbers that only the translation has.

They may send people in danger to a stranger, or publish somebody's private number, so a person must have looked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.checks.families.folding import FORMAT_CHAR, fold_digits, fold_full_width
from service.checks.findings import Finding, Severity, TextCheck, TextPair
from service.checks.signs import ADDRESS, DIGIT
from service.web.telling import code, say

# The letters of an address are ASCII on purpose: Arabic, Khmer or Amharic letters touch one without a space between.
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\u00c0-\u024f-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
)
_TAIL = r"(?:[:/?#][!#-;=?-~]*)?"
_BOUNDARY = r"(?<![A-Za-z0-9.@\u00c0-\u024f-])"
_LABELS = r"(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.)+"
# Of shorteners and groups, and of countries where Primero works; not those that are words: et, ne, so, ma, de, es.
_ENDINGS = (
    "me|ly|gl|gle|gg|ee|cc|co|io|gd|im|app|link|site|online|xyz|top|page|group|chat|eu|uk|ch|fr|us"
    "|iq|jo|lb|sd|sy|af|bd|kh|th|mm|np|pk|ke|tz|ug|rw|ng|ss|td|cd|cg|cm|gn|bf|ye|ps|eg|tn|dz|mz|br|mx|gt|hn|ec|pe"
    "|ua|ru|pl|md|hu|gr|tr"
)
_URL = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z][A-Za-z0-9+.-]{1,20}://|(?i:mailto|tel|sms):(?=\S))(?:[!#-;=?-~]+|[^\s<>\"]*)"
    rf"|{_BOUNDARY}(?:www|WWW|Www)\.{_LABELS}[A-Za-z]{{2,24}}{_TAIL}"
    # Without http or www only endings that no sentence makes by a forgotten space; others need a path behind.
    rf"|{_BOUNDARY}{_LABELS}(?:com|org|net|info|int|gov|edu|COM|ORG|NET)(?![A-Za-z0-9@-]|\.[A-Za-z0-9]){_TAIL}"
    rf"|{_BOUNDARY}{_LABELS}(?:com|org|net|gov|gouv|gob|edu|ac|co|mil|ngo)\.[a-z]{{2}}(?![A-Za-z0-9@-]|\.[A-Za-z0-9]){_TAIL}"
    rf"|{_BOUNDARY}{_LABELS}(?:{_ENDINGS})/[!#-;=?-~]+"
)
_TRAILING = ".,;:!?)]}'*_"
_SCHEME = re.compile(r"^(?:https?://|mailto:|tel:|sms:)?(?:www\.)?")

_GAP = "[ .()\u00a0\u202f\u2010\u2011-]"
_NUMBER = re.compile(
    rf"(?<![A-Za-z0-9_./#,-])[+(]{{0,2}}[0-9](?:{_GAP}{{0,2}}[0-9]){{5,17}}(?![0-9A-Za-z/%]|[.,:][0-9]|[-\u2011][0-9A-Za-z])"
)
_DATE = re.compile(r"[0-9]{1,2}\D[0-9]{1,2}\D[0-9]{4}|[0-9]{4}\D[0-9]{1,2}\D[0-9]{1,2}")
_DIGITS = re.compile(r"[0-9]+")
_NOT_DIGITS = re.compile(r"[^0-9]+")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
# Most texts hold nothing that any pattern above could match; this says so in one pass.
_WORTH_A_LOOK = re.compile(r"[@＠]|[:：][/／+\w]|[.．][\w\u200b-\u200f\u2060\ufeff]|\d(?:\W{0,3}\d){6}")


@dataclass(frozen=True, slots=True)
class Address:
    """One address: what it is, where it stands, and the form in which two spellings of it are equal."""

    what: str
    start: int
    end: int
    name: str


def introduced_addresses(pair: TextPair) -> list[Address]:
    """Return the addresses of the translation that its source text does not have, in text order."""
    if not _WORTH_A_LOOK.search(pair.target):
        return []
    addresses = _addresses(pair.target)
    if not addresses:
        return []
    known = {address.name for address in _addresses(pair.source)}
    source_digits = _NOT_DIGITS.sub("", fold_digits(pair.source))
    return [
        address
        for address in addresses
        if address.name not in known and not (address.what == "phone number" and address.name in source_digits)
    ]


def _find_links(pair: TextPair) -> Iterator[Finding]:
    for address in introduced_addresses(pair):
        shown = code(pair.target[address.start : address.end])
        if address.what == "web address":
            told = say("The web address %(address)s is not in the source text.", address=shown)
        elif address.what == "e-mail address":
            told = say("The e-mail address %(address)s is not in the source text.", address=shown)
        else:
            told = say("The phone number %(number)s is not in the source text.", number=shown)
        told += say("Take it out, or ask a specialist to waive this with a reason.")
        yield LINKS_INTRODUCED.finding(address.start, address.end, told)


def _addresses(text: str) -> list[Address]:
    """Return the addresses of a text in its order, none inside another.

    Web addresses come first: one that carries a known e-mail address may still lead elsewhere.
    """
    seen, places = _without_invisible(fold_digits(fold_full_width(text)))
    found: list[Address] = []
    taken = bytearray(len(seen))
    for what, pattern in (("web address", _URL), ("e-mail address", _EMAIL), ("phone number", _NUMBER)):
        for match in pattern.finditer(seen):
            start, end = match.start(), match.start() + len(match[0].rstrip(_TRAILING))
            if any(taken[start:end]) or (what == "phone number" and not _is_phone(match[0])):
                continue
            taken[start:end] = b"\1" * (end - start)
            found.append(Address(what, places[start], places[end - 1] + 1, _name(what, seen[start:end])))
    return sorted(found, key=lambda address: address.start)


def _without_invisible(text: str) -> tuple[str, range | list[int]]:
    """Return the text without format characters (a zero-width space may split an address), and where each sign was."""
    if text.isascii() or not FORMAT_CHAR.search(text):
        return text, range(len(text))
    places = [place for place, char in enumerate(text) if not FORMAT_CHAR.match(char)]
    return "".join(text[place] for place in places), places


def _name(what: str, text: str) -> str:
    if what == "phone number":
        return _NOT_DIGITS.sub("", text)
    return _SCHEME.sub("", text.casefold()).rstrip("/")


def _is_phone(text: str) -> bool:
    """Tell a phone number from dates, year ranges, amounts, ids, scales and number patterns."""
    groups = _DIGITS.findall(text)
    digits = "".join(groups)
    if len(digits) < 7 or len(digits) > 15 or len(set(digits)) == 1 or _DATE.fullmatch(text):
        return False
    if "+" in text or (digits.startswith("00") and not digits.startswith("000") and len(digits) >= 9):
        return True
    if len(groups) == 1:
        return digits[0] == "0" and digits[1] != "0" and 9 <= len(digits) <= 11
    return not _is_series(text, groups) and _has_phone_shape(groups, len(digits))


def _is_series(text: str, groups: list[str]) -> bool:
    gaps = [gap for gap in _NOT_DIGITS.findall(text.lstrip("(")) if gap]
    thousands = groups[0][0] != "0" and len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
    return (
        (thousands and len(set(gaps)) == 1 and "-" not in gaps)
        or (len(groups) == 2 and gaps[0] == ".")
        or all(_YEAR.fullmatch(group) for group in groups)
        or any(len(group) < 2 for group in groups[1:])
        or (all(len(group) == 2 for group in groups) and groups == sorted(set(groups)))
        or len(set(gaps[1:])) > 1
    )


def _has_phone_shape(groups: list[str], count: int) -> bool:
    if groups[0][0] == "0":
        return 8 <= count <= 12 and (len(groups) >= 3 or len(groups[-1]) >= 6 or count >= 9)
    return len(groups) >= 3 and 8 <= count <= 12 and max(map(len, groups)) <= 4


LINKS_INTRODUCED = TextCheck(
    "links_introduced",
    "The translation holds a web address, an e-mail address or a phone number that the source text does not have.",
    Severity.BLOCKS,
    "links",
    _find_links,
    ADDRESS | DIGIT,
)
