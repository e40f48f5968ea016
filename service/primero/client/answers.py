"""Primero's answers, read as untrusted input. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.primero.client import errors
from service.primero.client.retry import find_retry_after

_WORDS = 500

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; header names are lower case."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def about(self) -> errors.Particulars:
        """Return what an error says of it."""
        return errors.Particulars(self.method, self.url, self.status)

    def document(self) -> Record:
        """Return the JSON object that it is.

        Raises:
            UnexpectedAnswer: it is none.
        """
        try:
            document = json.loads(self.body)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise errors.UnexpectedAnswer(
                f"What answers at {self.url} is no Primero, or something stands between: it gave no JSON.", self.about
            )
        return document

    def record(self) -> Record:
        """Return the one record in it.

        Raises:
            UnexpectedAnswer: there is none.
        """
        data = self.document().get("data")
        if not isinstance(data, dict):
            raise errors.UnexpectedAnswer(f"Primero's answer holds no record ({self.url}).", self.about)
        return data

    def records(self) -> list[Record]:
        """Return the records of a list.

        Raises:
            UnexpectedAnswer: it is none.
        """
        data = self.document().get("data")
        if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
            raise errors.UnexpectedAnswer(f"Primero's answer is not a list of records ({self.url}).", self.about)
        return data

    def total(self) -> int | None:
        """Return how many records all pages have together, None where it is not said."""
        metadata = self.document().get("metadata")
        total = metadata.get("total") if isinstance(metadata, dict) else None
        return total if isinstance(total, int) and not isinstance(total, bool) else None


_BY_STATUS: dict[int, tuple[type[errors.PrimeroError], str]] = {
    401: (errors.PasswordRefused, "Primero does not take the password or token, or the account is locked"),
    403: (errors.Forbidden, "Primero does not allow the account to do this"),
    404: (errors.NotFound, "Primero has nothing there, or hides it from the account"),
    422: (errors.Invalid, "Primero refuses the record"),
    429: (errors.TooMany, "Primero was asked too often"),
    503: (errors.Busy, "Primero applies a configuration, or rests"),
}


def refusal(answer: Answer, *, secret: str) -> errors.PrimeroError:
    """Return the error that an answer with another status than 200 is; the secret never stands in it."""
    said, detail = _words(answer.body)
    retry_after = find_retry_after(answer.headers.get("retry-after"), detail)
    if secret:
        said = said.replace(secret, "…")
    about = errors.Particulars(answer.method, answer.url, answer.status, retry_after, said)
    kind, what = _BY_STATUS.get(answer.status, (errors.BadRequest, f"Primero answered {answer.status}"))
    if answer.status >= 500 and answer.status != 503:
        kind = errors.ServerError
    elif 300 <= answer.status < 400:
        kind, what = errors.UnexpectedAnswer, "Primero sends on to another address, which is not followed"
    return kind(f"{what} ({answer.method} {answer.url}{f': {said}' if said else ''}).", about)


def _words(body: bytes) -> tuple[str, str]:
    """Return what the errors say, and their details alone."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    found = document.get("errors") if isinstance(document, dict) else None
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    details = " ".join(_text(row.get("detail")) for row in rows).strip()
    said = "; ".join(
        filter(None, (" ".join(filter(None, map(_text, (row.get("message"), row.get("detail"))))) for row in rows))
    )
    return said[:_WORDS], details


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value)
    return value if isinstance(value, str) else ""
