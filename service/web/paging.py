"""Lists of the API, page by page: a list endpoint takes :data:`PageDep` and returns what it makes of its rows.

A page begins after the item that ``after`` names, so that what comes or goes before it moves nothing. The answer stays
a plain list; the address of the next page stands in the header ``Link`` (RFC 8288), missing on the last one.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from service.errors import BadInput

LARGEST = 500
_Item = TypeVar("_Item")


class Page:
    """What one request asks of a list: at most ``limit`` items after the one that ``after`` names, "" for the first."""

    def __init__(
        self,
        request: Request,
        response: Response,
        after: Annotated[
            str, Query(max_length=2000, description="The last item of the page before, as the header Link gives it.")
        ] = "",
        limit: Annotated[int, Query(ge=1, le=LARGEST, description="The most items of a page.")] = LARGEST,
    ) -> None:
        self.request = request
        self.response = response
        self.after = after
        self.limit = limit

    @property
    def before_id(self) -> int | None:
        """Return ``after`` as the id of a row in a list of the newest first, None for the first page.

        Raises:
            BadInput: it is none.
        """
        if not self.after:
            return None
        if not self.after.isascii() or not self.after.isdecimal() or len(self.after) > 10 or int(self.after) >= 2**31:
            raise _unknown(self.after)
        return int(self.after)

    def cut(self, items: Sequence[_Item], name: Callable[[_Item], object]) -> Sequence[_Item]:
        """Return the page of a whole list; ``name`` tells each item apart and stays the same.

        Raises:
            BadInput: the list has no item that ``after`` names (any more).
        """
        start = 0
        if self.after:
            found = (place for place, item in enumerate(items) if str(name(item)) == self.after)
            start = next(found, -1) + 1
            if not start:
                raise _unknown(self.after)
        return self.first(items[start:], name)

    def first(self, items: Iterable[_Item], name: Callable[[_Item], object]) -> Sequence[_Item]:
        """Return the page of items that begin behind ``after``: read one more than the limit, to tell of the next."""
        found = list(islice(items, self.limit + 1))
        if len(found) <= self.limit:
            return found
        kept = [each for each in self.request.query_params.multi_items() if each[0] != "after"]
        query = urlencode([*kept, ("after", str(name(found[self.limit - 1])))])
        self.response.headers["Link"] = f'<{self.request.url.path}?{query}>; rel="next"'
        return found[: self.limit]


PageDep = Annotated[Page, Depends()]


def _unknown(after: str) -> BadInput:
    return BadInput(f"The list has no item {after[:60]!r} to go on after: begin again without `after`.")
