"""What a deployment may choose of a check, beside whether it is on. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

_BIDI = {"LRE": "\u202a", "RLE": "\u202b", "LRI": "\u2066", "RLI": "\u2067", "FSI": "\u2068"}
# What ends each is allowed with it. Overrides are never allowed: they turn the letters of a word round.
_ENDS = {"LRE": "\u202c", "RLE": "\u202c", "LRI": "\u2069", "RLI": "\u2069", "FSI": "\u2069"}
_LEAST, _MOST = 50, 300

DEFAULT = "default"
"""The word for: as it is shipped."""

CHOICES = {
    "digits_policy": "own or latin: the digits that the language is to have",
    "bidi_unbalanced": f"direction controls that may stand in pairs: some of {', '.join(_BIDI)}",
    "max_length": f"{_LEAST} to {_MOST}: percent of the shipped limits",
}
"""The checks of which something may be chosen, and what."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What holds in a deployment and locale; as shipped where nothing was chosen.

    Attributes:
        digits: ``own``, ``latin``, or "" for either.
        allowed_bidi: the direction controls that may stand in balanced use.
        room: how long texts may be, in percent of the shipped limits.
    """

    digits: str = ""
    allowed_bidi: frozenset[str] = frozenset()
    room: int = 100


AS_SHIPPED = Choices()


def clean_choice(check_id: str, value: str) -> str:
    """Return the choice as it is kept; "" for the word that means: as shipped.

    Raises:
        ValueError: nothing can be chosen of the check, or not this; the message is one sentence without its full stop.
    """
    if check_id not in CHOICES:
        raise ValueError(f"nothing can be chosen of {check_id}, only of {', '.join(CHOICES)}")
    words = value.replace(",", " ").split()
    if [word.casefold() for word in words] == [DEFAULT]:
        return ""
    cleaned = {"digits_policy": _digits, "bidi_unbalanced": _bidi, "max_length": _room}[check_id](words)
    if not cleaned:
        raise ValueError(f"{value!r} is no choice for {check_id}: write {CHOICES[check_id]}, or {DEFAULT}")
    return cleaned


def read_choices(values: Mapping[str, str]) -> Choices:
    """Return what kept choices, by check, come to."""
    names = values.get("bidi_unbalanced", "").split()
    return Choices(
        digits=values.get("digits_policy", ""),
        allowed_bidi=frozenset(sign for name in names for sign in (_BIDI[name], _ENDS[name])),
        room=int(values.get("max_length") or 100),
    )


def _digits(words: list[str]) -> str:
    return words[0].casefold() if len(words) == 1 and words[0].casefold() in ("own", "latin") else ""


def _bidi(words: list[str]) -> str:
    names = {word.upper() for word in words}
    return " ".join(sorted(names)) if names <= _BIDI.keys() else ""


def _room(words: list[str]) -> str:
    number = words[0].removesuffix("%") if len(words) == 1 else ""
    return str(int(number)) if number.isascii() and number.isdigit() and _LEAST <= int(number) <= _MOST else ""
