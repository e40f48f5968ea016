"""Asynchronous file jobs: started by a POST, polled until they end, always within a deadline.

An upload ends with the status ``succeeded``; a download ends with 303, whose ``Location`` (another host, a secret that
expires) is fetched without the token. A ``failed`` job is a failure even when it gives no reason.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import chain, repeat

from transifex_client.documents import Answer, Item, parse_item
from transifex_client.errors import JobFailed, UnexpectedAnswer
from transifex_client.resources import UploadOutcome
from transifex_client.wire import Call, Deadline, Wire

_UNFINISHED = ("pending", "processing")
_FRESH_LINKS = 3


def run_upload(wire: Wire, kind: str, fields: Mapping[str, str], content: bytes) -> UploadOutcome:
    """Upload a file as multipart (as both official clients do), wait for the end and return what it did.

    ``kind`` is ``resource_strings_async_uploads`` or ``resource_translations_async_uploads``.

    Raises:
        JobFailed: Transifex took the file and then refused what is in it.
        DeadlineExceeded: the job did not end in time.
    """
    deadline = wire.deadline(wire.configuration.long_deadline)
    call = Call(
        "POST",
        f"/{kind}",
        fields=fields,
        files={"content": ("content.txt", content, "application/octet-stream")},
        expected=(202,),
    )
    # Sent again after a broken connection: an upload holds the whole truth, so twice does the same as once.
    job = parse_item(wire.exchange(call, deadline))
    for wait in _poll_waits(wire):
        if job.text("status") not in _UNFINISHED:
            break
        answer = _poll(wire, kind, job, wait, deadline, expected=(200,))
        job = parse_item(answer)
    _raise_if_failed(job)
    if job.text("status") != "succeeded":
        job.wrong("status", "documented status")
    return _outcome(job)


def run_download(wire: Wire, kind: str, attributes: Mapping[str, object], related: Mapping[str, object]) -> bytes:
    """Have a file made, wait for it, fetch it and return its bytes.

    Raises:
        JobFailed: the file could not be made.
        ForbiddenAddress: it is offered at a host that is not allowed.
        DeadlineExceeded: the job did not end in time.
    """
    deadline = wire.deadline(wire.configuration.long_deadline)
    body = {"data": {"type": kind, "attributes": attributes, "relationships": related}}
    call = Call("POST", f"/{kind}", body=json.dumps(body).encode(), expected=(202,))
    job = parse_item(wire.exchange(call, deadline))
    _raise_if_failed(job)
    for _ in range(_FRESH_LINKS):
        location = _await_location(wire, kind, job, deadline)
        answer = wire.fetch(location.headers["location"], deadline)
        if answer.status == 200:
            return answer.body
        # The link's secret expires; another poll of the finished job gives a fresh one.
        if answer.status not in (401, 403, 404, 410):
            break
    raise UnexpectedAnswer(
        f"Transifex's finished file cannot be fetched ({answer.status} at {answer.url}): try again later.",
        answer.particulars(),
    )


def _await_location(wire: Wire, kind: str, job: Item, deadline: Deadline) -> Answer:
    """Poll until the answer is a 303 with a Location, and return that."""
    for wait in _poll_waits(wire):
        answer = _poll(wire, kind, job, wait, deadline, expected=(200, 303))
        if answer.status == 303:
            if not answer.headers.get("location"):
                raise UnexpectedAnswer("Transifex finished the download but names no Location.", answer.particulars())
            return answer
        polled = parse_item(answer)
        _raise_if_failed(polled)
        if polled.text("status") not in _UNFINISHED:
            polled.wrong("status", "documented status")
    raise AssertionError("the waits never end")


def _poll_waits(wire: Wire) -> Iterator[float]:
    waits = wire.configuration.poll_waits
    return chain(waits, repeat(waits[-1]))


def _poll(wire: Wire, kind: str, job: Item, wait: float, deadline: Deadline, *, expected: tuple[int, ...]) -> Answer:
    wire.wait(wait, deadline, job.about)
    return wire.exchange(Call("GET", f"/{kind}/{job.id}", expected=expected), deadline)


def _raise_if_failed(job: Item) -> None:
    if job.text("status") != "failed":
        return
    reasons = job.job_troubles()
    words = "; ".join(filter(None, (reason.detail or reason.code for reason in reasons)))
    raise JobFailed(f"Transifex could not use the file: {words or 'it gives no reason'}.", job.about, reasons=reasons)


def _outcome(job: Item) -> UploadOutcome:
    details = job.attributes.get("details") or {}
    if not isinstance(details, dict):
        job.wrong("details", "object")
    numbers = {
        name.partition("_")[2]: count
        for name, count in details.items()
        if isinstance(count, int) and name.partition("_")[0] in ("strings", "translations")
    }
    return UploadOutcome(
        job=job.id,
        created=numbers.get("created", 0),
        updated=numbers.get("updated", 0),
        deleted=numbers.get("deleted", 0),
        skipped=numbers.get("skipped", 0),
    )
