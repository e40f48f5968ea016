"""How a source moved on: which words of a text changed, and which units only changed their place. Pure."""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from extractors.units import UnitKey

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


class Change(StrEnum):
    """What became of a run of words."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


_MARKS = {Change.SAME: "{}", Change.REMOVED: "[-{}-]", Change.ADDED: "{{+{}+}}"}


def diff_words(old: str, new: str) -> Iterator[tuple[Change, str]]:
    """Yield the runs of words of both texts in order: the same in both, removed from the old, added in the new."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    for tag, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Change.SAME, "".join(before[start:end])
            continue
        if start < end:
            yield Change.REMOVED, "".join(before[start:end])
        if new_start < new_end:
            yield Change.ADDED, "".join(after[new_start:new_end])


def show_word_diff(old: str, new: str) -> str:
    """Return both texts as one, ``[-removed-]`` and ``{+added+}`` as in git's word diff."""
    return "".join(_MARKS[change].format(words) for change, words in diff_words(old, new))


@dataclass(frozen=True, slots=True)
class MovedUnit:
    """A unit that went and one that came in the same import with the same source text in the same property."""

    old: str
    new: str


def find_moved(retired: Iterable[tuple[str, str]], added: Iterable[tuple[str, str]]) -> tuple[MovedUnit, ...]:
    """Return the pairs of units that look like one that moved, each unit at most once, in the order of the added.

    Of several with one text those whose keys have the most parts in common belong together.

    Args:
        retired: keys with the hashes of their source texts.
        added: the same of units that are new.
    """
    gone: defaultdict[tuple[str, str], list[UnitKey]] = defaultdict(list)
    come: defaultdict[tuple[str, str], list[UnitKey]] = defaultdict(list)
    order = []
    for found, units in ((gone, retired), (come, added)):
        for text, source_hash in units:
            key = UnitKey.parse(text)
            found[key.prop, source_hash].append(key)
            if found is come:
                order.append(text)
    place = {text: number for number, text in enumerate(order)}
    pairs = [pair for group, keys in come.items() if group in gone for pair in _pair(gone[group], keys)]
    return tuple(sorted(pairs, key=lambda pair: place[pair.new]))


def _pair(gone: list[UnitKey], come: list[UnitKey]) -> Iterator[MovedUnit]:
    left, wanted = list(dict.fromkeys(gone)), list(dict.fromkeys(come))
    for likeness in _LIKENESSES:
        free: defaultdict[tuple[str | None, ...], deque[UnitKey]] = defaultdict(deque)
        for old in left:
            free[likeness(old)].append(old)
        unmatched = []
        for new in wanted:
            if likely := free[likeness(new)]:
                yield MovedUnit(str(likely.popleft()), str(new))
            else:
                unmatched.append(new)
        left, wanted = [old for rest in free.values() for old in rest], unmatched


# In this order: option ids and field names outlive a move to another form.
_LIKENESSES: tuple[Callable[[UnitKey], tuple[str | None, ...]], ...] = (
    lambda key: (key.option, key.field),
    lambda key: (key.option, key.record),
    lambda key: (key.option,),
    lambda key: (key.field,),
    lambda key: (key.record,),
    lambda _key: (),
)
