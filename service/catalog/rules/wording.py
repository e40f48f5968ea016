"""Which source texts are sensitive by their words: the pack that is shipped, and what a deployment changed in it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from service.catalog.rules.words import WordIndex, Words, fold_text


@dataclass(frozen=True, slots=True)
class WordingTerm:
    """One term: every form of it, phrases in which it does not count, and why it is sensitive."""

    term: str
    forms: tuple[str, ...]
    exceptions: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WordingPack:
    """The terms that are shipped, with their version."""

    version: int
    terms: tuple[WordingTerm, ...]


@dataclass(frozen=True, slots=True)
class WordingChange:
    """One change of a deployment: a term that is added (also over one of the same name), or taken out."""

    term: WordingTerm
    added: bool


class Wording:
    """The terms in force in a deployment, ready to look for."""

    def __init__(self, terms: Iterable[WordingTerm]) -> None:
        self.terms = tuple(terms)
        self._words = [Words(term.forms) for term in self.terms]
        self._exceptions = [Words(term.exceptions) if term.exceptions else None for term in self.terms]
        self._index = WordIndex(self._words)
        content = json.dumps([[t.term, sorted(t.forms), sorted(t.exceptions)] for t in self.terms])
        self.fingerprint = hashlib.sha256(content.encode()).hexdigest()

    def find(self, source: str) -> tuple[str, ...]:
        """Return the names of the terms that stand in the source text."""
        return tuple(self.terms[place].term for place in self._index.candidates(source) if self._stands(place, source))

    def _stands(self, place: int, source: str) -> bool:
        exceptions = self._exceptions[place]
        return self._words[place].stand_in(exceptions.blank_out(source) if exceptions else source)


def parse_pack(data: str) -> WordingPack:
    """Return the pack from its JSON.

    Raises:
        ValueError: a term stands twice, or has no reason.
    """
    content = json.loads(data)
    terms = tuple(
        WordingTerm(
            item["term"],
            (item["term"], *item.get("forms", ())),
            tuple(item.get("exceptions", ())),
            item["reason"].strip(),
        )
        for item in content["terms"]
    )
    names = [term_key(term.term) for term in terms]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not all(term.reason for term in terms):
        raise ValueError(f"the pack names {', '.join(twice) or 'a term without a reason'}")
    return WordingPack(content["version"], terms)


def term_key(term: str) -> str:
    """Return what two spellings of one term have in common."""
    return " ".join(fold_text(term).split())


def apply_changes(terms: Iterable[WordingTerm], changes: Iterable[WordingChange]) -> tuple[WordingTerm, ...]:
    """Return the terms in force: the pack's, changed in the order given; the last change of a term counts."""
    found = {term_key(term.term): term for term in terms}
    for change in changes:
        found.pop(term_key(change.term.term), None)
        if change.added:
            found[term_key(change.term.term)] = change.term
    return tuple(found.values())
