"""What the rules of scope make of a unit's key."""

import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from service.catalog.models.sources import ScopeAction

SENSITIVE = "sensitive"
DO_NOT_TRANSLATE = "do-not-translate"
_PRIORITY = re.compile(r"priority(?:=(-?[0-9]))?")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of scope. ``pattern`` is a shell glob over the canonical key, ``*`` crosses ``/``."""

    action: ScopeAction
    pattern: str
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the rules say of one unit. ``priority`` runs from -9 to 9, higher first."""

    excluded: bool = False
    sensitive: bool = False
    do_not_translate: bool = False
    priority: int = 0


def parse_tag(tag: str, *, removing: bool = False) -> str:
    """Return the tag if it is one: ``sensitive``, ``do-not-translate``, ``priority=N`` (N from -9 to 9).

    Raises:
        ValueError: it is none; the message lists them.
    """
    match = _PRIORITY.fullmatch(tag)
    if tag in (SENSITIVE, DO_NOT_TRANSLATE) or (match and (match[1] is not None or removing)):
        return tag
    raise ValueError(f"{tag!r} is not a tag: use sensitive, do-not-translate, or priority=N with N from -9 to 9")


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(pattern))


def matches(pattern: str, key: str) -> bool:
    """Return whether the shell glob matches the whole canonical key; case counts."""
    return _compiled(pattern).match(key) is not None


def apply_rules(key: str, rules: Iterable[Rule], *, sensitive: bool = False) -> Scope:
    """Return the scope of a key: the rules in their order, a later one over an earlier one.

    ``sensitive``: what holds before any rule, because of the words of the source text.
    """
    values: dict[str, bool | int] = {"sensitive": sensitive}
    for rule in rules:
        if matches(rule.pattern, key):
            name, value = _effect(rule)
            values[name] = value
    return Scope(**values)  # type: ignore[arg-type]  # _effect names each field with its type


def _effect(rule: Rule) -> tuple[str, bool | int]:
    if rule.action in (ScopeAction.EXCLUDE, ScopeAction.INCLUDE):
        return "excluded", rule.action is ScopeAction.EXCLUDE
    adding = rule.action is ScopeAction.TAG
    if rule.tag.startswith("priority"):
        return "priority", int(rule.tag.partition("=")[2]) if adding else 0
    return rule.tag.replace("-", "_"), adding
