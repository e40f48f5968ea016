"""The options of one set, seen together: whoever fills in the form must be able to read them and tell them apart."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from service.checks.families.folding import look
from service.checks.findings import Finding, GroupCheck, Scope, Severity, TextGroup, TextPair
from service.checks.signs import VISIBLE
from service.web.telling import Put, listed, of_source, say, say_many

_SHOWN = 3


def _find_duplicates(group: TextGroup) -> Iterator[tuple[str, Finding]]:
    by_look: dict[str, list[TextPair]] = defaultdict(list)
    for member in group.members:
        if member.signs & VISIBLE:
            by_look[look(member.target)].append(member)
    for alike in by_look.values():
        if len(alike) > 1:
            yield from _tell_apart(alike)


def _tell_apart(alike: list[TextPair]) -> Iterator[tuple[str, Finding]]:
    sources = {member.key: look(member.source) for member in alike}
    for member in alike:
        others = list(dict.fromkeys(o.source for o in alike if sources[o.key] != sources[member.key]))
        if others:
            told = say(
                "The option %(named)s of the same list has this translation too; nobody could tell them apart.",
                named=_named(others),
            )
            yield member.key, OPTION_DUPLICATE.finding(0, len(member.target), told)


def _named(sources: Sequence[str]) -> Put:
    return listed([of_source(source) for source in sources], ",", quoted=True)


def _find_incomplete(group: TextGroup) -> Iterator[tuple[str, Finding]]:
    missing = group.untranslated
    if not missing or not group.members:
        return
    first = group.members[0]
    told = say_many(
        "Of the options of this list %(named)s has no translation; people would read two languages.",
        "Of the options of this list %(named)s have no translation; people would read two languages.",
        len(missing),
        named=_named(missing),
    )
    if len(missing) > _SHOWN:
        told = say_many(
            "Of the options of this list %(named)s and %(num)s more have no translation; "
            "people would read two languages.",
            "Of the options of this list %(named)s and %(num)s more have no translation; "
            "people would read two languages.",
            len(missing) - _SHOWN,
            named=_named(missing[:_SHOWN]),
        )
    # Said once, at the first option: the trouble is with the list.
    yield first.key, OPTION_SET_INCOMPLETE.finding(0, len(first.target), told)


OPTION_DUPLICATE = GroupCheck(
    "option_duplicate",
    "Two options of one list have the same translation although their source texts differ.",
    Severity.BLOCKS,
    "options",
    Scope.OPTION_SET,
    _find_duplicates,
)
OPTION_SET_INCOMPLETE = GroupCheck(
    "option_set_incomplete",
    "Some options of a list are translated and others are not.",
    Severity.WARNS,
    "options",
    Scope.OPTION_SET,
    _find_incomplete,
)
