"""Sentences made in Python with something put into them, in a shape that can be kept and told in any language later.

What is kept is plain JSON: the English sentences, which the catalogs of the pages translate, and by name what stands in
them. The API and the command line tell them in English, pages in the reader's language with what is quoted set apart.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, Protocol, TypedDict

from babel.lists import format_list
from markupsafe import Markup, escape

from service.web.languages import ENGLISH, Named, Words

_HOLDER = re.compile(r"%\(\w+\)s")


class Put(TypedDict):
    """What is put into a sentence where it is neither a number nor words whose language nobody knows.

    ``word``: one of the catalogs' own words. ``source``, ``target``: words of the source text or of its translation.
    ``code``: signs that read from left to right in every language. ``share``: a number of a hundred. ``language``: a
    language by BCP 47 tag and English name. ``list``: several of these, the last after ``last``.
    """

    kind: Literal["word", "source", "target", "code", "share", "language", "list"]
    text: NotRequired[str]
    name: NotRequired[str]
    number: NotRequired[int]
    items: NotRequired[list["str | Put"]]
    last: NotRequired[str]
    quoted: NotRequired[bool]


Value = str | int | Put


class Part(TypedDict):
    """One sentence, in two forms where it counts something, with what is put into it by name."""

    say: str
    many: NotRequired[str]
    values: dict[str, Value]


Said = list[Part]
"""Sentences that are told one after the other; two of these are added with ``+``."""


class Spoken(Named, Protocol):
    """A language that words are in, with its direction."""

    @property
    def direction(self) -> str:
        """Return ``ltr`` or ``rtl``."""
        ...


def say(sentence: str, /, **values: Value) -> Said:
    """Return a sentence with what is put in the place of each ``%(name)s``. Where it is written it is a message."""
    return [{"say": sentence, "values": values}]


def say_many(one: str, many: str, number: int, /, **values: Value) -> Said:
    """Return a sentence in the form for a number, which may stand in it as ``%(num)s``."""
    return [{"say": one, "many": many, "values": {**values, "num": number}}]


def word(text: str) -> Put:
    """Return one of our own words, which is translated too. Where it is written it is a message."""
    return {"kind": "word", "text": text}


def of_source(text: str) -> Put:
    """Return words of the source text."""
    return {"kind": "source", "text": text}


def of_target(text: str) -> Put:
    """Return words of the translation."""
    return {"kind": "target", "text": text}


def code(text: str) -> Put:
    """Return a placeholder, a tag, an address or a number as it is written."""
    return {"kind": "code", "text": text}


def share(number: int) -> Put:
    """Return a share of a hundred."""
    return {"kind": "share", "number": number}


def language(info: Named) -> Put:
    """Return the name of a language."""
    return {"kind": "language", "text": info.tag, "name": info.name}


def listed(items: Sequence[str | Put], last: Literal["and", "or", ","] = "and", *, quoted: bool = False) -> Put:
    """Return several, as a sentence names them: "a, b and c", "a, b or c", "a, b, c"."""
    return {"kind": "list", "items": list(items), "last": last, "quoted": quoted}


def in_english(said: Said) -> str:
    """Return the sentences in English, as plain text."""
    return " ".join(
        (part["many"] if "many" in part and part["values"]["num"] != 1 else part["say"])
        % {name: _plain(value) for name, value in part["values"].items()}
        for part in said
    )


def _plain(value: Value) -> str:
    if not isinstance(value, dict):
        return str(value)
    if value["kind"] == "share":
        return f"{value['number']} %"
    if value["kind"] != "list":
        return value.get("name", value.get("text", ""))
    items = [f"“{_plain(item)}”" if value["quoted"] else _plain(item) for item in value["items"]]
    last = ", " if value["last"] == "," else f" {value['last']} "
    return last.join(filter(None, [", ".join(items[:-1]), items[-1]])) if items else ""


def in_words(said: Said, words: Words, languages: Mapping[str, Spoken]) -> Markup:
    """Return the sentences for a page, in English and marked so where the catalog lacks one.

    ``languages`` are those of ``source`` and ``target``; what is in none that is known is set apart all the same.
    """
    told = [(part, _sentence(part, words)) for part in said]
    if any(sentence is None for _, sentence in told):
        return words.tell(in_english(said))
    return Markup(" ").join(
        escape(sentence) % {name: _shown(value, words, languages) for name, value in part["values"].items()}
        for part, sentence in told
        if sentence is not None
    )


def _sentence(part: Part, words: Words) -> str | None:
    """Return the sentence as the catalog has it, None where it has none."""
    one, many, number = part["say"], part.get("many"), part["values"].get("num")
    found = words.ngettext(one, many, number) if many and isinstance(number, int) else words.gettext(one)
    in_catalog = found not in (one, many) or not _HOLDER.sub("", one).strip(".")
    return found if in_catalog or words.interface.lang == ENGLISH.lang else None


def _shown(value: Value, words: Words, languages: Mapping[str, Spoken]) -> Markup:
    if isinstance(value, int):
        return escape(words.number(value))
    if isinstance(value, str):
        return Markup("<bdi>{}</bdi>").format(value)
    text = value.get("text", "")
    match value["kind"]:
        case "word":
            return words.tell(text)
        case "share":
            return escape(words.percent(value["number"]))
        case "language":
            return escape(words.language(_Name(text, value["name"])))
        case "code":
            return Markup('<bdi dir="ltr" translate="no">{}</bdi>').format(text)
        case "list":
            return _list(value, words, languages)
    info = languages.get(value["kind"])
    if info is None:
        return Markup("<bdi>{}</bdi>").format(text)
    return Markup('<bdi lang="{}" dir="{}">{}</bdi>').format(info.tag, info.direction, text)


def _list(value: Put, words: Words, languages: Mapping[str, Spoken]) -> Markup:
    before, behind = words.quotes if value["quoted"] else ("", "")
    items = [Markup("{}{}{}").format(before, _shown(item, words, languages), behind) for item in value["items"]]
    if value["last"] == ",":
        return escape("، " if words.interface.direction == "rtl" else ", ").join(items)
    # Stand-ins of one letter: what CLDR puts between them depends on how many there are only.
    pattern = format_list(["%s"] * len(items), "or" if value["last"] == "or" else "standard", words.locale)
    return escape(pattern) % tuple(items)


class _Name:
    def __init__(self, tag: str, name: str) -> None:
        self.tag, self.name = tag, name
