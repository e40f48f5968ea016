"""The limit on requests to Transifex that all users of a token share."""

from __future__ import annotations

import multiprocessing
import threading
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlmodel import select

from service.db import Database
from service.deployments.limits import A_SLOT, BLOCK, SLOT, RequestLimiter
from service.deployments.models import RequestAllowance

TOKEN = "1/token"
START = 1_800_000_000.0


class Time:
    """A clock that sleeping moves on, for several threads."""

    def __init__(self, start: float = START) -> None:
        self.now = start
        self.lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.now += seconds


def most_in_a_minute(times: list[float]) -> int:
    """Return the largest number of moments in any 60 seconds."""
    times = sorted(times)
    return max(sum(1 for other in times if at <= other < at + 60) for at in times)


def test_never_500_in_any_minute_and_hardly_less_than_450(database: Database) -> None:
    """Whoever sends as fast as it may stays under Transifex's limit, wherever the minute begins, and near it."""
    clock = Time()
    limiter = RequestLimiter(database, TOKEN, clock=clock, sleep=clock.sleep)
    times = []
    for _ in range(2000):
        limiter()
        times.append(clock())
        clock.now += 0.01
    assert most_in_a_minute(times) < 500
    assert 2000 / (times[-1] - times[0]) * 60 > 440


def test_a_token_has_one_limit_and_another_token_another(database: Database) -> None:
    """Two clients with the same token share it; a third with another token does not wait. No token is stored."""
    clock = Time()
    first, second = (RequestLimiter(database, TOKEN, clock=clock, sleep=clock.sleep) for _ in range(2))
    for _ in range(A_SLOT - BLOCK):
        first()
    for _ in range(BLOCK):
        second()
    assert clock() == START
    RequestLimiter(database, "1/other", clock=clock, sleep=clock.sleep)()
    assert clock() == START
    second()
    assert clock() == START + SLOT
    with database.read() as session:
        names = {row.fingerprint for row in session.exec(select(RequestAllowance))}
    assert len(names) == 2
    assert not any(TOKEN in name for name in names)


def test_what_was_not_used_in_its_slot_is_not_used_later(database: Database) -> None:
    """Saved-up requests would add up to more than a minute allows."""
    clock = Time()
    idle, busy = (RequestLimiter(database, TOKEN, clock=clock, sleep=clock.sleep) for _ in range(2))
    idle()
    clock.now += SLOT
    for _ in range(A_SLOT):
        busy()
    assert clock() == START + SLOT
    idle()
    assert clock() == START + 2 * SLOT


def test_whoever_asks_first_is_served_first(database: Database) -> None:
    """One that sends much does not push back one that asked before: the slots go round."""
    clock = Time()
    greedy, modest = (RequestLimiter(database, TOKEN, clock=clock, sleep=lambda _seconds: None) for _ in range(2))
    taken = [greedy._take() for _ in range(A_SLOT // BLOCK)]
    assert modest._take() == (int(START) // SLOT + 1, BLOCK)
    assert greedy._take() == (int(START) // SLOT + 1, BLOCK)
    assert {slot for slot, _ in taken} == {int(START) // SLOT}


def test_a_request_does_not_cost_a_write(database: Database) -> None:
    """As many requests as a block has cost one transaction, and none is open while somebody waits."""
    writes = 0

    def count(_connection: object) -> None:
        nonlocal writes
        writes += 1

    clock = Time()

    def sleep(seconds: float) -> None:
        with database.write():
            clock.sleep(seconds)

    limiter = RequestLimiter(database, TOKEN, clock=clock, sleep=sleep)
    limiter()
    event.listen(database.engine, "commit", count)
    try:
        for _ in range(BLOCK - 1):
            limiter()
        assert writes == 0
        for _ in range(A_SLOT):
            limiter()
        assert writes <= A_SLOT // BLOCK + 1
    finally:
        event.remove(database.engine, "commit", count)


def test_a_clock_that_was_wrong_stops_nobody_for_long(database: Database) -> None:
    """A row from the far future is begun anew."""
    ahead = Time(START + 1e7)
    RequestLimiter(database, TOKEN, clock=ahead, sleep=ahead.sleep)()
    clock = Time()
    RequestLimiter(database, TOKEN, clock=clock, sleep=clock.sleep)()
    assert clock() == START


def take_all(url: str, number: int, results: object) -> None:
    """Take blocks in several threads of one process, at one moment; report their slots."""
    database = Database(url)
    found: list[tuple[int, int]] = []

    def work() -> None:
        limiter = RequestLimiter(database, TOKEN, clock=lambda: START)
        found.extend(limiter._take() for _ in range(number))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()
    results.put(found)  # type: ignore[attr-defined]


@pytest.fixture
def url(database: Database) -> str:
    """The address of the test's database, which nobody in this process is connected to."""
    return database.url.render_as_string(hide_password=False)


@pytest.mark.slow
def test_threads_and_processes_together_never_take_too_many(url: str, tmp_path: Path) -> None:
    """Two processes with three threads each, all at the same moment: no slot is given out twice, none is left out."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    number = 20
    processes = [context.Process(target=take_all, args=(url, number, results)) for _ in range(2)]
    for process in processes:
        process.start()
    found = [block for _ in processes for block in results.get(timeout=60)]
    for process in processes:
        process.join(30)
    slots: Counter[int] = Counter()
    for slot, taken in found:
        slots[slot] += taken
    total = 2 * 3 * number * BLOCK
    assert set(slots.values()) == {A_SLOT}
    assert sorted(slots) == list(range(min(slots), min(slots) + total // A_SLOT))
