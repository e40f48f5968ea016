"""Queries of lists: filters checked strictly, pages of 150 with an opaque cursor."""

import base64
import binascii
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from transifex_client.sandbox.http import Fault, Request, Response, answer

PAGE = 150
LONGEST_PAGE = 1000

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Query:
    """A checked query: ``filters`` by the text between the outer brackets, such as ``date_translated][gt``."""

    request: Request
    filters: dict[str, str]
    limit: int = PAGE
    start: int = 0
    include: tuple[str, ...] = ()

    def day(self, name: str) -> date:
        """Return a filter that must hold a day."""
        value = self.filters[name]
        if not _DAY.fullmatch(value):
            raise Fault(400, f"'{value}' is not a day such as 2024-03-01", parameter=f"filter[{name}]")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise Fault(400, f"'{value}' is not a day", parameter=f"filter[{name}]") from None

    def boolean(self, name: str) -> bool | None:
        """Return a true-or-false filter, None when it is not set."""
        value = self.filters.get(name)
        if value not in (None, "true", "false"):
            raise Fault(400, f"'{value}' is not true or false", parameter=f"filter[{name}]")
        return None if value is None else value == "true"

    def moment(self, name: str) -> datetime | None:
        """Return a date filter, None when it is not set."""
        value = self.filters.get(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise Fault(400, f"'{value}' is not a date", parameter=f"filter[{name}]") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def known(self, name: str, prefix: str) -> str | None:
        """Return a filter that holds an id with this prefix, None when it is not set."""
        value = self.filters.get(name)
        if value is not None and not value.startswith(prefix):
            raise Fault(400, f"'{value}' is not an id such as {prefix}NAME", parameter=f"filter[{name}]")
        return value

    def within(self, moment: datetime | None, name: str) -> bool:
        """Return whether a date passes the filters ``name][gt`` , ``gte``, ``lt`` and ``lte`` that are set."""
        tests: dict[str, Callable[[datetime, datetime], bool]] = {
            "gt": lambda left, right: left > right,
            "gte": lambda left, right: left >= right,
            "lt": lambda left, right: left < right,
            "lte": lambda left, right: left <= right,
        }
        for operator, holds in tests.items():
            bound = self.moment(f"{name}][{operator}")
            if bound is not None and (moment is None or not holds(moment, bound)):
                return False
        return True


def read_query(
    request: Request,
    *,
    required: Collection[str] = (),
    optional: Collection[str] = (),
    paged: bool = True,
    limited: bool = False,
    includes: Collection[str] = (),
) -> Query:
    """Return the query of a list.

    Raises:
        Fault: 400 for a filter or parameter that the list does not know, a missing one, or a wrong value.
    """
    given = _parameters(request)
    filters: dict[str, str] = {}
    for name in list(given):
        if name.startswith("filter[") and name.endswith("]"):
            inner = name[len("filter[") : -1]
            if inner not in required and inner not in optional:
                raise Fault(400, f"'{name}' is not a filter of this list", parameter=name)
            filters[inner] = given.pop(name)
    for name in required:
        if not filters.get(name):
            raise Fault(400, f"filter[{name}] is required", parameter=f"filter[{name}]")
    limit = _limit(given.pop("limit", None)) if limited else PAGE
    start = _start(given.pop("page[cursor]", None)) if paged else 0
    include = tuple(filter(None, given.pop("include", "").split(","))) if includes else ()
    if wrong := [name for name in include if name not in includes]:
        raise Fault(400, f"'{wrong[0]}' cannot be included", parameter="include")
    if given:
        raise Fault(400, f"'{next(iter(given))}' is not a parameter here", parameter=next(iter(given)))
    return Query(request, filters, limit, start, include)


def _parameters(request: Request) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        if name in given:
            raise Fault(400, f"'{name}' is given twice", parameter=name)
        given[name] = value
    return given


def _limit(value: str | None) -> int:
    if value is None:
        return PAGE
    if not value.isdecimal() or not PAGE <= int(value) <= LONGEST_PAGE:
        raise Fault(400, f"'{value}' is not a number from {PAGE} to {LONGEST_PAGE}", parameter="limit")
    return int(value)


def _start(value: str | None) -> int:
    if value is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(value.encode()).decode().removeprefix("from:"))
    except (ValueError, binascii.Error):
        raise Fault(400, "The cursor is not one of ours", parameter="page[cursor]") from None


def _link(query: Query, start: int) -> str:
    parameters = dict(parse_qsl(query.request.query, keep_blank_values=True))
    parameters["page[cursor]"] = base64.urlsafe_b64encode(f"from:{start}".encode()).decode()
    return f"{query.request.path}?{urlencode(parameters)}"


def answer_page(
    query: Query,
    things: Sequence[Thing],
    show: Callable[[Thing], object],
    *,
    include: Callable[[Thing], object] | None = None,
) -> Response:
    """Return the page of ``things`` that the query asks for, with relative links to its neighbours."""
    end = query.start + query.limit
    shown = things[query.start : end]
    path = query.request.path + (f"?{query.request.query}" if query.request.query else "")
    document: dict[str, object] = {
        "data": [show(thing) for thing in shown],
        "links": {
            "self": path,
            "next": _link(query, end) if end < len(things) else None,
            "previous": _link(query, max(0, query.start - query.limit)) if query.start else None,
        },
    }
    if query.include and include is not None:
        # An object is included once, however many of the shown ones name it.
        included: list[object] = []
        for thing in shown:
            companion = include(thing)
            included += [] if companion in included else [companion]
        document["included"] = included
    return answer(document)


def answer_whole(query: Query, things: Sequence[Thing], show: Callable[[Thing], object]) -> Response:
    """Return a whole list at once, as the lists do that have no cursor."""
    links = {"self": query.request.path, "next": None, "previous": None}
    return answer({"data": [show(thing) for thing in things], "links": links})


def code_in(identifier: str, parameter: str) -> str:
    """Return the language code in ``l:CODE``, or refuse with 400."""
    if not identifier.startswith("l:"):
        raise Fault(400, f"'{identifier}' is not the id of a language", parameter=parameter)
    return identifier.removeprefix("l:")
