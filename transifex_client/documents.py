"""Transifex's answers as JSON:API documents, and its refusals as errors. Pure: status, headers and bytes in.

Parsing is lenient where Transifex is known to waver (two names for one date, null relationships, attributes we do not
know) and strict about shapes: what we need and do not find is an :class:`UnexpectedAnswer` that names the place.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NoReturn

from transifex_client.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    JobTrouble,
    NotFound,
    Particulars,
    PlanRequired,
    RateLimited,
    ServerError,
    TransifexError,
    Unauthorised,
    UnexpectedAnswer,
)
from transifex_client.retry import find_retry_after

_QUOTED = 300
_PLAN = re.compile(r"\bplans?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, read to its end. ``headers`` have lower-case names."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def particulars(self) -> Particulars:
        """Return what an error about this answer should say."""
        request_id = self.headers.get("x-request-id") or self.headers.get("x-transifex-request-id")
        return Particulars(self.method, self.url, self.status, request_id)


@dataclass(frozen=True, slots=True)
class Item:
    """One resource object of a JSON:API document, with readers that name the place when a shape is wrong.

    ``included`` are the objects that came along, by type and id.
    """

    type: str
    id: str
    attributes: Mapping[str, object]
    relationships: Mapping[str, object]
    about: Particulars
    included: "Mapping[tuple[str, str], Item]" = field(default_factory=dict)

    def wrong(self, what: str, expected: str) -> NoReturn:
        """Raise the error that says what was expected where.

        Raises:
            UnexpectedAnswer: always.
        """
        raise UnexpectedAnswer(
            f"Transifex's answer holds no {expected} as {what} of {self.type} {self.id}.", self.about
        )

    def _first(self, names: tuple[str, ...]) -> object:
        return next((self.attributes[name] for name in names if self.attributes.get(name) is not None), None)

    def text(self, *names: str) -> str:
        """Return the first of these attributes that is there; it must be a text."""
        value = self._first(names)
        return value if isinstance(value, str) else self.wrong(names[0], "text")

    def text_or_none(self, *names: str) -> str | None:
        """Return the first of these attributes that is there, or None; it must be a text."""
        return None if self._first(names) is None else self.text(*names)

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a true-or-false attribute."""
        value = self.attributes.get(name)
        if value is None:
            return default
        return value if isinstance(value, bool) else self.wrong(name, "true or false")

    def number(self, name: str) -> int:
        """Return a whole number that must be there."""
        value = self.number_or_none(name)
        return value if value is not None else self.wrong(name, "whole number")

    def number_or_none(self, name: str) -> int | None:
        """Return a whole number or None."""
        value = self.attributes.get(name)
        if value is None:
            return None
        return value if isinstance(value, int) and not isinstance(value, bool) else self.wrong(name, "whole number")

    def moment(self, *names: str) -> datetime | None:
        """Return the first of these dates that is there, aware and in UTC, or None."""
        text = self.text_or_none(*names)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.wrong(names[0], "date")
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; nothing there counts as an empty one."""
        value = self.attributes.get(name)
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            return tuple(value)
        return self.wrong(name, "list of texts")

    def text_map(self, name: str) -> Mapping[str, str] | None:
        """Return an object of texts, or None for null."""
        value = self.attributes.get(name)
        if value is None:
            return None
        if isinstance(value, dict) and all(isinstance(entry, str) for entry in value.values()):
            return value
        return self.wrong(name, "object of texts")

    def related_or_none(self, name: str) -> str | None:
        """Return the id that a to-one relationship names, or None for null, in any of the spellings of null."""
        relationship = self.relationships.get(name)
        data = relationship.get("data") if isinstance(relationship, dict) else relationship
        if data is None:
            return None
        found = data.get("id") if isinstance(data, dict) else None
        return found if isinstance(found, str) else self.wrong(name, "relationship")

    def related(self, name: str) -> str:
        """Return the id that a to-one relationship names; it must be there."""
        return self.related_or_none(name) or self.wrong(name, "relationship")

    def included_or_none(self, name: str) -> "Item | None":
        """Return the object that a to-one relationship names, where it came along with the answer."""
        relationship = self.relationships.get(name)
        data = relationship.get("data") if isinstance(relationship, dict) else None
        if not isinstance(data, dict):
            return None
        return self.included.get((str(data.get("type")), str(data.get("id"))))

    def job_troubles(self) -> tuple[JobTrouble, ...]:
        """Return the ``errors`` of a job; whatever is not in the documented shape is left out."""
        errors = self.attributes.get("errors")
        entries = [entry for entry in errors if isinstance(entry, dict)] if isinstance(errors, list) else []
        return tuple(JobTrouble(str(entry.get("code", "")), str(entry.get("detail", ""))) for entry in entries)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. ``next`` is the link as Transifex gave it, relative or absolute."""

    items: tuple[Item, ...]
    next: str | None


def parse_item(answer: Answer) -> Item:
    """Return the one object of an answer.

    Raises:
        UnexpectedAnswer: it is not a document with one object.
    """
    return _item(_document(answer).get("data"), answer.particulars())


def parse_page(answer: Answer) -> Page:
    """Return the objects of an answer and the link to the next page.

    Raises:
        UnexpectedAnswer: it is not a document with a list of objects.
    """
    document, about = _document(answer), answer.particulars()
    data = document.get("data")
    if not isinstance(data, list):
        raise UnexpectedAnswer("Transifex's answer holds no list as data.", about)
    links = document.get("links")
    following = links.get("next") if isinstance(links, dict) else None
    if following is not None and not isinstance(following, str):
        raise UnexpectedAnswer("Transifex's link to the next page is not a text.", about)
    included = _included(document.get("included"), about)
    return Page(tuple(_item(entry, about, included) for entry in data), following or None)


def parse_items(answer: Answer) -> tuple[Item, ...]:
    """Return the objects of an answer that may hold one or a list of them; they need no id.

    Raises:
        UnexpectedAnswer: it holds neither.
    """
    data, about = _document(answer).get("data"), answer.particulars()
    entries = data if isinstance(data, list) else [data]
    return tuple(
        _item({"type": "", "id": "", **entry} if isinstance(entry, dict) else entry, about) for entry in entries
    )


def _included(data: object, about: Particulars) -> Mapping[tuple[str, str], Item]:
    items = [_item(entry, about) for entry in data] if isinstance(data, list) else []
    return {(item.type, item.id): item for item in items}


def _document(answer: Answer) -> dict[str, object]:
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise UnexpectedAnswer("Transifex's answer is not JSON.", answer.particulars()) from error
    if not isinstance(document, dict):
        raise UnexpectedAnswer("Transifex's answer is not a JSON:API document.", answer.particulars())
    return document


def _item(data: object, about: Particulars, included: Mapping[tuple[str, str], Item] | None = None) -> Item:
    if not isinstance(data, dict) or not isinstance(data.get("id"), str) or not isinstance(data.get("type"), str):
        raise UnexpectedAnswer("Transifex's answer holds something without type and id.", about)
    attributes, relationships = data.get("attributes") or {}, data.get("relationships") or {}
    if not isinstance(attributes, dict) or not isinstance(relationships, dict):
        raise UnexpectedAnswer(f"Transifex's answer holds no objects in {data['type']} {data['id']}.", about)
    return Item(data["type"], data["id"], attributes, relationships, about, included or {})


_SENTENCES: dict[int, tuple[type[TransifexError], str]] = {
    401: (Unauthorised, "Transifex refused the token: check that it is complete and still valid"),
    402: (PlanRequired, "Transifex refused, because the organization's plan does not include this"),
    403: (Forbidden, "Transifex refused, because the token's user may not do this"),
    404: (NotFound, "Transifex knows nothing by this name, or the token's user may not see it"),
    409: (Conflict, "Transifex refused, because this exists already"),
    429: (RateLimited, "Transifex received too many requests and asks to wait"),
}


def refusal(answer: Answer, *, secrets: Collection[str] = ()) -> TransifexError:
    """Return the error for an answer that is not a success. The ``secrets`` are kept out of what is quoted."""
    title, detail, pointer = _first_error(answer.body, secrets)
    about = replace(
        answer.particulars(),
        title=title,
        detail=detail,
        pointer=pointer,
        retry_after=find_retry_after(answer.headers.get("retry-after"), detail),
    )
    kind, sentence = _kind(answer, f"{title} {detail}")
    words = detail or title
    message = f"{sentence} ({answer.status} at {answer.method} {answer.url})"
    if words:
        message += f": {words}"
    return kind(f"{message.rstrip('.')}.", about)


def _kind(answer: Answer, words: str) -> tuple[type[TransifexError], str]:
    status = answer.status
    if status == 403 and _PLAN.search(words):
        return _SENTENCES[402]
    if status in _SENTENCES:
        return _SENTENCES[status]
    if status >= 500:
        return ServerError, "Transifex failed"
    if 400 <= status < 500:
        return BadRequest, "Transifex refused the request"
    return UnexpectedAnswer, "Transifex gave an answer that its API does not document"


def _first_error(body: bytes, secrets: Collection[str]) -> tuple[str | None, str | None, str | None]:
    """Return title, detail and pointer of the first error in a body, None for what is not there."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None, None, None
    errors = document.get("errors") if isinstance(document, dict) else None
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    source = first.get("source")
    place = (source.get("pointer") or source.get("parameter")) if isinstance(source, dict) else None
    title, detail, pointer = (_quoted(part, secrets) for part in (first.get("title"), first.get("detail"), place))
    return title, detail, pointer


def _quoted(value: object, secrets: Collection[str]) -> str | None:
    """Return what Transifex said without the secrets, on one line and cut to a length that a log can bear."""
    if not isinstance(value, str) or not value.strip():
        return None
    # Before the cut: half a secret is one too.
    for secret in filter(None, secrets):
        value = value.replace(secret, "***")
    line = " ".join(value.split())
    return line if len(line) <= _QUOTED else line[: _QUOTED - 1] + "…"
