"""How the calls of the client are made: lists followed page by page, creates that happen once, changes, deletes."""

import json
import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Self, TypeVar
from urllib.parse import quote

from transifex_client.configuration import Configuration
from transifex_client.documents import Item, parse_item, parse_page
from transifex_client.errors import Conflict, NoAnswer, NotFound, ServerError, UnexpectedAnswer
from transifex_client.wire import BaseTransport, Call, Deadline, Wire

Thing = TypeVar("Thing")


class Calls:
    """What every group of calls stands on: one configuration, one wire. See :class:`.TransifexClient`."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        transport: BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        before_request: Callable[[], None] | None = None,
        after_answer: Callable[[int], None] | None = None,
    ) -> None:
        self._wire = Wire(
            configuration,
            transport=transport,
            sleep=sleep,
            clock=clock,
            chance=chance,
            before_request=before_request,
            after_answer=after_answer,
        )

    def __repr__(self) -> str:
        return f"TransifexClient({self._wire.configuration!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    @property
    def requests_sent(self) -> int:
        """Return how many requests were sent so far: the cost of a run."""
        return self._wire.requests_sent

    # How calls are made

    def _short(self) -> Deadline:
        return self._wire.deadline(self._wire.configuration.deadline)

    def _long(self) -> Deadline:
        return self._wire.deadline(self._wire.configuration.long_deadline)

    def _get(self, link: str, deadline: Deadline) -> Item:
        return parse_item(self._wire.exchange(Call("GET", link), deadline))

    def _list(self, link: str, query: Mapping[str, str], read: Callable[[Item], Thing]) -> tuple[Thing, ...]:
        """Return the things of all pages of a list."""
        return self._list_within(self._long(), link, query, read)

    def _list_within(
        self, deadline: Deadline, link: str, query: Mapping[str, str], read: Callable[[Item], Thing]
    ) -> tuple[Thing, ...]:
        things: list[Thing] = []
        seen: set[str] = set()
        call = Call("GET", link, query=query)
        while True:
            answer = self._wire.exchange(call, deadline)
            page = parse_page(answer)
            things.extend(read(item) for item in page.items)
            if page.next is None:
                return tuple(things)
            if page.next in seen:
                raise UnexpectedAnswer("Transifex's pages lead round in a circle.", answer.particulars())
            seen.add(page.next)
            call = Call("GET", page.next)

    def _create(
        self,
        call: Call,
        read: Callable[[Item], Thing],
        find: Callable[[Deadline], Thing | None],
        *,
        guarded: bool,
    ) -> Thing:
        """Send a create. When it is unknown whether it arrived, look the thing up before sending again.

        Args:
            call: the create; not repeatable.
            read: reads the thing in the answer.
            find: looks up the thing that this create would have made.
            guarded: Transifex itself refuses a second one. If it does not, one that arrived late must not be missed:
                it is looked up a second time, after the wait.
        """
        deadline = self._short()
        attempt = 0
        while True:
            attempt += 1
            try:
                return read(parse_item(self._wire.exchange(call, deadline)))
            except (NoAnswer, ServerError, Conflict) as failure:
                # A conflict on the first attempt is somebody else's thing; later it is probably our own.
                if isinstance(failure, Conflict) and attempt == 1:
                    raise
                found = find(deadline)
                if found is None:
                    self._wire.wait_after(failure, attempt, repeatable=True, deadline=deadline)
                    found = None if guarded else find(deadline)
                if found is not None:
                    return found
            except UnexpectedAnswer as failure:
                if failure.status is not None and failure.status >= 300:
                    raise
                # A success that cannot be read: what was asked for was probably done.
                found = find(deadline)
                if found is None:
                    raise
                return found

    def _find(
        self, link: str, read: Callable[[Item], Thing], is_ours: Callable[[Thing], bool]
    ) -> Callable[[Deadline], Thing | None]:
        """Return a look-up of the thing at a link: None when it is not there, or not what was to be created."""

        def find(deadline: Deadline) -> Thing | None:
            try:
                found = read(self._get(link, deadline))
            except NotFound:
                return None
            return found if is_ours(found) else None

        return find

    def _delete(self, link: str) -> None:
        """Send a delete. Gone after a lost answer is done; gone before the first attempt is :class:`NotFound`."""
        deadline = self._short()
        call = Call("DELETE", link, repeatable=False, expected=(200, 204))
        attempt = 0
        while True:
            attempt += 1
            try:
                self._wire.exchange(call, deadline)
            except NotFound:
                if attempt == 1:
                    raise
            except (NoAnswer, ServerError) as failure:
                self._wire.wait_after(failure, attempt, repeatable=True, deadline=deadline)
                continue
            return

    def _change(self, kind: str, identifier: str, attributes: Mapping[str, object], *, secret: str = "") -> Item:
        """Send a change of one thing and return it as it is now."""
        body = write_body({"type": kind, "id": identifier, "attributes": attributes})
        call = Call("PATCH", f"/{kind}/{id_in_path(identifier)}", body=body, secret=secret)
        return parse_item(self._wire.exchange(call, self._short()))


def filters(**values: str | bool | None) -> dict[str, str]:
    """Return the query of these filters; those that are None are left out."""
    texts = {name: write_boolean(value) if isinstance(value, bool) else value for name, value in values.items()}
    return {f"filter[{name}]": text for name, text in texts.items() if text is not None}


def write_boolean(value: bool) -> str:
    """Return true or false as Transifex writes them."""
    return "true" if value else "false"


def write_moment(value: datetime) -> str:
    """Return a date as Transifex writes it."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def given(**values: object) -> dict[str, object]:
    """Return the attributes that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def to_one(kind: str, identifier: str) -> dict[str, object]:
    """Return a to-one relationship."""
    return {"data": {"type": kind, "id": identifier}}


def write_body(data: object) -> bytes:
    """Return the body that holds this data."""
    return json.dumps({"data": data}).encode()


def id_in_path(identifier: str) -> str:
    """Return an id as it stands in a path."""
    return quote(identifier, safe=":@")
