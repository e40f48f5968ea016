"""Running the checks, and what people say about it: findings, dismissals, switches, the glossary, checking again."""

from service.checks.service.checking import (
    check_outdated,
    check_translations,
    find_blocking,
    find_waivers,
    find_warnings,
    is_outdated,
    list_findings,
)
from service.checks.service.conditions import Conditions, load_conditions

__all__ = [
    "Conditions",
    "check_outdated",
    "check_translations",
    "find_blocking",
    "find_waivers",
    "find_warnings",
    "is_outdated",
    "list_findings",
    "load_conditions",
]
