"""Which kinds of signs a text holds, as one number, so that a check that has nothing to look for costs nothing.

A text's kinds are the ``|`` of its letters' kinds. Letters are looked up once and remembered: a language has few.
"""

import re
import unicodedata
from functools import reduce
from operator import or_
from typing import Final

import regex

VISIBLE: Final = 1 << 0
NEWLINE: Final = 1 << 1
CONTROL: Final = 1 << 2
BIDI_CONTROL: Final = 1 << 3
BIDI_MARK: Final = 1 << 4
BREAK: Final = 1 << 5
JOINER: Final = 1 << 6
TATWEEL: Final = 1 << 7
ARABIC_FORM: Final = 1 << 8
BRACKET: Final = 1 << 9
BRACE: Final = 1 << 10
PERCENT: Final = 1 << 11
MARKUP: Final = 1 << 12
ADDRESS: Final = 1 << 13
UPPER: Final = 1 << 14
LOWER: Final = 1 << 15
LATIN_PUNCT: Final = 1 << 16
END_MARK: Final = 1 << 17
SPACE: Final = 1 << 18
ODD_SPACE: Final = 1 << 19
DIGIT: Final = 1 << 20
FOREIGN_DIGIT: Final = 1 << 21
ALWAYS: Final = 1 << 22
NOTE: Final = 1 << 23

_FIRST_SCRIPT = 24
SCRIPT_CODES: Final = ("Latn", "Arab", "Beng", "Khmr", "Thai", "Mymr", "Deva", "Cyrl", "Ethi", "Armn", "Hans")
"""The scripts of Primero's locales, by ISO 15924 code."""

SCRIPTS: Final = {code: 1 << (_FIRST_SCRIPT + place) for place, code in enumerate(SCRIPT_CODES)}
"""The kind that a letter of each script has; combining marks have none."""

OTHER_SCRIPT: Final = 1 << (_FIRST_SCRIPT + len(SCRIPTS))
ANY_SCRIPT: Final = sum(SCRIPTS.values()) | OTHER_SCRIPT

_KINDS = (
    ("\n", NEWLINE),
    ("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", BIDI_CONTROL),
    ("\u200e\u200f\u061c", BIDI_MARK),
    ("\u200b\u00ad\u2060\u180e", BREAK),
    ("\u200c\u200d", JOINER),
    ("\u0640", TATWEEL),
    ("\u064a\u0643", ARABIC_FORM),
    ("()[]（）［］【】「」", BRACKET),
    ("{}｛｝﹛﹜", BRACE),
    ("%٪％﹪", PERCENT),
    ("<>&＜＞＆:：", MARKUP),
    ("@＠:：.．", ADDRESS),
    (",;?", LATIN_PUNCT),
    ("?？؟;；؛!！:：…。.។៖।۔።፧፤፦፥։՝՞՜၊။॥", END_MARK),
    ("?:[(：？؟TF", NOTE),  # T and F of TODO, TBD and FIXME
)
_ALSO: dict[str, int] = {}
for _chars, _kind in _KINDS:
    for _char in _chars:
        _ALSO[_char] = _ALSO.get(_char, 0) | _kind

_SCRIPT_OF = {
    code: regex.compile(rf"\p{{Script={'Han' if code == 'Hans' else code}}}") for code in SCRIPT_CODES
}  # fmt: skip
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
# Letters and marks by category that no font draws: fillers, selectors of variants; and the empty Braille cell.
_DRAWN_AS_NOTHING = regex.compile(r"[\p{Default_Ignorable_Code_Point}\u2800]")
CONTROL_SIGN: Final = re.compile(
    "[\0-\t\v-\x1f\x7f-\x9f\u2028\u2029\u206a-\u206f\ue000-\uf8ff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffd-\uffff"
    "\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
"""A sign that no text of a form may hold. Line break is the one control that form texts need (help texts keep it)."""


class _Kinds(dict[str, int]):
    """The kinds of every sign met so far. Rare planes are not kept, so that no text can make the table grow large."""

    def __missing__(self, char: str) -> int:
        kinds = _classify(char)
        if char <= "\uffff":
            self[char] = kinds
        return kinds


def is_unseen(char: str) -> bool:
    """Return whether nobody can see the sign: a space, a control, an invisible mark, a filler."""
    return unicodedata.category(char) in _UNSEEN or _DRAWN_AS_NOTHING.match(char) is not None


def _classify(char: str) -> int:
    category = unicodedata.category(char)
    kinds = _ALSO.get(char, 0) | ALWAYS
    if not is_unseen(char):
        kinds |= VISIBLE
    if CONTROL_SIGN.match(char):
        kinds |= CONTROL
    if category == "Zs":
        kinds |= SPACE if char == " " else ODD_SPACE
    if category == "Nd":
        kinds |= DIGIT if char.isascii() else DIGIT | FOREIGN_DIGIT
    if category[0] == "L":
        kinds |= _letter(char, category)
    return kinds


def _letter(char: str, category: str) -> int:
    case = UPPER if category in ("Lu", "Lt") else LOWER if category == "Ll" else 0
    script = next((SCRIPTS[code] for code, pattern in _SCRIPT_OF.items() if pattern.match(char)), None)
    if script is None:
        # Signs that scripts share, such as the tatweel or a modifier apostrophe, speak for none.
        script = 0 if regex.match(r"[\p{Script=Common}\p{Script=Inherited}]", char) else OTHER_SCRIPT
    return case | script


_KIND_OF = _Kinds()
kinds_of_sign = _KIND_OF.__getitem__
"""Return the kinds of one sign."""


# Most source texts are ASCII, whose signs have some twenty different sets of kinds: those are found sooner.
_ASCII_KINDS = sorted({kinds_of_sign(chr(code)) for code in range(128)})
_ASCII_CLASSES = bytes(_ASCII_KINDS.index(kinds_of_sign(chr(code))) for code in range(128)) + bytes(128)


def find_signs(text: str) -> int:
    """Return the kinds of signs the text holds; 0 for an empty text."""
    if text.isascii():
        classes = set(text.encode().translate(_ASCII_CLASSES))
        return reduce(or_, map(_ASCII_KINDS.__getitem__, classes), 0)
    return reduce(or_, map(kinds_of_sign, set(text)), 0)
