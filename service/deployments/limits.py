"""How many requests a Transifex token may send, counted once for all deployments, threads and processes that use it.

Time is cut into slots of a few seconds, and each slot has so many requests. A row in the database says up to which slot
they are given out; whoever needs some takes the next few, in the order of asking, and uses them within their slot and
not later. So nobody is passed over, a request does not cost a write, and no transaction is open while somebody waits.
"""

import hashlib
import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from service.db import Database
from service.deployments.models import RequestAllowance

SLOT = 6
"""Seconds."""

A_SLOT = 45
"""Requests a slot: 450 a minute, and in no 60 seconds, which touch at most 11 slots, more than 495. Transifex allows
500 a minute; the rest is for people and other tools that use the same token."""

BLOCK = 9
"""Requests taken at once: what is left of them at the slot's end is lost."""

_FARTHEST = 600 // SLOT
"""Slots; a row that is further ahead was written under a clock that was wrong."""


class RequestLimiter:
    """Called before each request; returns when it may be sent. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        token: str,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Make a limiter for one token; ``clock`` tells seconds since 1970, alike in all processes."""
        self._database = database
        self._fingerprint = hashlib.sha256(token.encode()).hexdigest()[:32]
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._slot = 0
        self._left = 0

    def __call__(self) -> None:
        """Return when one more request may be sent."""
        # Whoever waits holds the lock: the next would have to wait as long anyway.
        with self._lock:
            while not self._left or self._slot < self._now():
                self._slot, self._left = self._take()
                while (wait := self._slot * SLOT - self._clock()) > 0:
                    self._sleep(wait)
            self._left -= 1

    def _now(self) -> int:
        return int(self._clock() // SLOT)

    def _take(self) -> tuple[int, int]:
        """Take the next requests that nobody has: return their slot, and how many they are."""
        with self._database.write() as session:
            row = self._row(session)
            now = self._now()
            if row.slot < now or row.slot > now + _FARTHEST:
                row.slot, row.used = now, 0
            elif row.used >= A_SLOT:
                row.slot, row.used = row.slot + 1, 0
            number = min(BLOCK, A_SLOT - row.used)
            row.used += number
            session.add(row)
            return row.slot, number

    def _row(self, session: Session) -> RequestAllowance:
        found = session.get(RequestAllowance, self._fingerprint, with_for_update=True)
        if found is not None:
            return found
        row = RequestAllowance(fingerprint=self._fingerprint, slot=0, used=0)
        try:
            with session.begin_nested():
                session.add(row)
                session.flush()
        except IntegrityError:
            # Another process made it in the same moment.
            return session.get_one(RequestAllowance, self._fingerprint, with_for_update=True)
        return row
