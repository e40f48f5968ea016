"""Writing the records of a run, one after another: look, note, send, look again, compare, note.

Whoever dies in between leaves a note that the record may have been sent; whoever goes on looks before anything is sent.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from extractors.units import RecordKind
from service.primero.client import PrimeroClient, errors
from service.primero.models import InstanceRunRecord, WriteState
from service.primero.rules.equality import Record, digest, find_differences, lies_between, simplify
from service.primero.service.runs import OpenRun

Progress = Callable[[int, int, str], None]
"""Called as ``on_progress(done, total, what)`` whenever one more record is done."""

_TRIES = 3
_FRESH = 5.0
"""A record that was read so many seconds ago is read again before it is written."""

_SHOWN = 20
_GONE: Record = {}


class UnexplainedDifference(Exception):
    """A record is not as it had to be: nothing further is sent. The message is one sentence."""


@dataclass(slots=True)
class Writer:
    """Writes the records of a run that are not done yet."""

    run: OpenRun
    client: PrimeroClient
    on_progress: Progress
    _pool: ThreadPoolExecutor | None = None
    _following: InstanceRunRecord | None = None
    _ahead: "Future[tuple[Record, float]] | None" = None

    def write_all(self) -> None:
        """Write every record.

        Raises:
            UnexplainedDifference: a record is neither as it was nor as it had to be.
            PrimeroError: the instance does not answer, or lets the account write no more; the run can be resumed.
        """
        total = len(self.run.records)
        todo = [record for record in self.run.records if record.state in (WriteState.PLANNED, WriteState.SENDING)]
        with ThreadPoolExecutor(1, "primero-reader") as self._pool:
            for place, record in enumerate(todo):
                self.on_progress(total - len(todo) + place, total, record.record_key)
                current = self._look(record)
                self._following = todo[place + 1] if place + 1 < len(todo) else None
                self._write(record, current)
        self.run.flush()
        self.on_progress(total, total, "")

    def _look(self, record: InstanceRunRecord) -> Record:
        """Return a record as it is now, or was read a moment ago while the one before it was compared."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            found, moment = ahead.result()
            if time.monotonic() - moment < _FRESH:
                return found
        return self._read(record)

    def _look_ahead(self) -> None:
        """Begin to read the next record: Primero answers two reads at once, and the one is not needed for the other."""
        following = self._following
        if following is not None and self._pool is not None and self._ahead is None:
            self._ahead = self._pool.submit(lambda: (self._read(following), time.monotonic()))

    def _write(self, record: InstanceRunRecord, current: Record) -> None:
        if record.state is WriteState.SENDING:
            self._settle(record, current, tries=0)
        elif _same(record.before, current):
            self._send(record, tries=0)
        elif _same(record.after, current):
            self.run.note_soon(record, WriteState.WRITTEN)
        else:
            self.run.note(record, WriteState.CHANGED_THERE, _describe(record.before, current))

    def _send(self, record: InstanceRunRecord, *, tries: int) -> None:
        if record.state is not WriteState.SENDING:
            self.run.note(record, WriteState.SENDING)
        change = self.client.change_form if record.kind == RecordKind.FORM else self.client.change_lookup
        try:
            change(record.number, record.body)
        except (errors.NoAnswer, errors.ServerError):
            if tries + 1 >= _TRIES:
                raise
            # It may have been done.
            self._settle(record, self._read(record), tries=tries + 1)
            return
        except (errors.Invalid, errors.BadRequest) as refusal:
            self._accept_refusal(record, refusal)
            return
        self._look_ahead()
        current = self._read(record)
        if not _same(record.after, current):
            self._stop(record, current)
        self.run.note_soon(record, WriteState.WRITTEN)

    def _settle(self, record: InstanceRunRecord, current: Record, *, tries: int) -> None:
        """Deal with a record that may have been sent, in whole or in part."""
        if _same(record.after, current):
            self.run.note_soon(record, WriteState.WRITTEN)
        elif lies_between(record.before, record.after, current):
            self._send(record, tries=tries)
        else:
            self._stop(record, current)

    def _accept_refusal(self, record: InstanceRunRecord, refusal: errors.PrimeroError) -> None:
        """Note what Primero refused, after making sure that the refusal changed nothing."""
        current = self._read(record)
        if not _same(record.before, current):
            self._stop(record, current)
        self.run.note(record, WriteState.REFUSED, [refusal.about.said or refusal.message])

    def _stop(self, record: InstanceRunRecord, current: Record) -> None:
        differences = _describe(record.after, current)
        self.run.note(record, WriteState.DIFFERS, differences)
        raise UnexplainedDifference(
            f"{record.record_key} is not as it had to be after writing it: {differences[0] if differences else '?'}"
        )

    def _read(self, record: InstanceRunRecord) -> Record:
        kind = RecordKind(record.kind)
        read = self.client.get_form if kind is RecordKind.FORM else self.client.get_lookup
        try:
            return simplify(kind, read(record.number))
        except errors.NotFound:
            return _GONE


def _same(expected: Record, found: Record) -> bool:
    return next(find_differences(expected, found), None) is None


def _describe(expected: Record, found: Record) -> list[str]:
    if found is _GONE:
        return ["it is gone there, or hidden from the account"]
    return [str(difference) for _, difference in zip(range(_SHOWN), find_differences(expected, found), strict=False)]


def digest_outside(records: Sequence[tuple[str, RecordKind, Any]], touched: set[str]) -> dict[str, str]:
    """Return the SHA-256 of each record that is not to be touched, by its key."""
    return {key: digest(simplify(kind, raw)) for key, kind, raw in records if key not in touched}
