"""Measure the reviewer's pages on a large deployment, and print one table for each database that is here.

The deployment is generated: 100,000 texts in 200 forms, translated into Arabic, two fifths of them approved. Times are
of whole requests over loopback, the client's part among them; CPU time is that of service and client without the
database's server, and counts where other work slows the machine. The last row is what a person waits in Chromium, from
the key to the next card, where Debian's Chromium is here. ``python -m benchmarks.pages --units 10000`` measures fewer.
"""

import argparse
import gzip
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import httpx
import pytest
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, insert, text

from extractors.texts import text_hash
from service.audit.service import Actor
from service.auth.dependencies import SESSION_COOKIE
from service.auth.models import Account, Membership, Person, Role
from service.auth.service import new_session
from service.catalog.models import Decision, DecisionKind, Origin, State, Translation, Unit
from service.catalog.service.counters import repair_counters
from service.checks.models import RecheckMark
from service.checks.service.conditions import deployment_fingerprint
from service.db import Database
from service.deployments.service import create_deployment
from service.migrations import upgrade
from service.serving import running_server
from service.settings import Settings
from service.web.resources import Resources
from service.web.secrets import KEY_FILE, SecretBox
from tests.support.databases import postgresql_database

FORMS = 200
ROUNDS = 60
CHROMIUM = Path("/usr/bin/chromium")
PERSON = "bench-reviewer"
OTHER = "bench-other"
_BASE = "/deployments/bench/locales/ar"
_CHUNK = 5_000


def main() -> int:
    """Measure what the arguments name, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description="Measure the reviewer's pages.")
    parser.add_argument("--units", type=int, default=100_000, help="texts; at least 400")
    given = parser.parse_args()
    for name, make in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
        try:
            with tempfile.TemporaryDirectory() as folder, make(Path(folder)) as database:
                _print(f"{name}, {given.units:,} texts", measure(database, Path(folder), given.units))
        except pytest.skip.Exception as missing:
            # How the tests' own set-up of PostgreSQL says that no server answers.
            print(f"{name}: not measured, {missing}", file=sys.stderr)
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)
            return 130
    return 0


@contextmanager
def sqlite(folder: Path) -> Iterator[Database]:
    """Yield an empty database in a file of the folder."""
    database = Database(f"sqlite:///{folder / 'bench.sqlite3'}")
    try:
        upgrade(database)
        yield database
    finally:
        database.close()


@contextmanager
def postgresql(_folder: Path) -> Iterator[Database]:
    """Yield an empty database of the server that tests use."""
    with postgresql_database() as url:
        database = Database(url)
        try:
            yield database
        finally:
            database.close()


def fill(database: Database, units: int) -> str:
    """Put the deployment and a reviewer into an empty database, and return the value of the reviewer's session."""
    now = datetime.now(UTC)
    with database.write() as session:
        session.add_all([Person(id=PERSON, created_at=now), Person(id=OTHER, created_at=now)])
        session.flush()
        account = Account(person_id=PERSON, username="bench", created_at=now)
        session.add_all([account, Membership(person_id=PERSON, role=Role.REVIEWER, created_at=now)])
        deployment = create_deployment(
            session, slug="bench", name="Bench", locales={"ar": "ar"}, known_locales={"en", "ar"},
            transifex_project=None, source_locale="en", actor=Actor("bench"), now=now,
        )  # fmt: skip
        login = new_session(session, account, now)
        for start in range(0, units, _CHUNK):
            numbers = range(start, min(start + _CHUNK, units))
            _insert(session.connection(), deployment.id or 0, numbers, units, now)
        # Else the service's worker would check all of it while the pages are measured.
        session.add(
            RecheckMark(
                deployment_id=deployment.id or 0, fingerprint=deployment_fingerprint(session, deployment),
                checked_at=now,
            )
        )  # fmt: skip
        # As the daily upkeep does; without it the first plans are made for empty tables.
        session.connection().execute(text("ANALYZE"))
        # They were put in past everything that counts.
        repair_counters(session, deployment, actor=Actor("bench"), now=now)
    return login.value


def _insert(connection: Connection, deployment: int, numbers: Sequence[int], units: int, now: datetime) -> None:
    """Insert a stretch of units with translation and, for the approved two fifths, the decision. Ids are positions."""
    made, written, decided = [], [], []
    for at in numbers:
        form, field = divmod(at, max(1, units // FORMS))
        # Every fiftieth pair is the same in many places, as "Yes" and "Other" are.
        source = f"Is question {at if at % 50 else at % 1000} of the interview answered by the child alone?"
        target = f"هل أجاب الطفل بمفرده على السؤال {at if at % 50 else at % 1000} من المقابلة؟"
        pair = {"source_hash": text_hash(source), "text_hash": text_hash(target)}
        state = State.APPROVED if at % 5 < 2 else State.TRANSLATED
        made.append(
            {
                "id": at + 1, "deployment_id": deployment, "record_key": f"form/form{form}", "position": at,
                "key": f"form/form{form}/field{field}/display_name" if field else f"form/form{form}/name",
                "source": source, "source_hash": pair["source_hash"], "words": 11, "characters": len(source),
                "context": {"field_type": "radio_button"}, "created_at": now, "changed_at": now,
            }
        )  # fmt: skip
        written.append(
            {
                "id": at + 1, "unit_id": at + 1, "locale": "ar", "text": target, "text_hash": pair["text_hash"],
                "author_id": None, "origin": Origin.IMPORT, "state": state, "written_on": pair["source_hash"],
                "approvals": int(state is State.APPROVED), "changed_at": now,
            }
        )  # fmt: skip
        if state is State.APPROVED:
            decided.append(
                {
                    "unit_id": at + 1, "locale": "ar", **pair, "kind": DecisionKind.APPROVE,
                    "person_id": OTHER if at % 2 else PERSON, "created_at": now,
                }
            )  # fmt: skip
    for table, rows in ((Unit, made), (Translation, written), (Decision, decided)):
        connection.execute(insert(table), rows)


def measure(database: Database, folder: Path, units: int) -> list[tuple[str, ...]]:
    """Return name, median and 95th percentile, CPU time (ms) and compressed bytes of each kind of page."""
    cookie = fill(database, units)
    settings = Settings(data_dir=folder / "data")
    box = SecretBox(settings.make_data_dir() / KEY_FILE)
    resources = Resources(settings=settings, database=database, clock=lambda: datetime.now(UTC), secrets=box)
    step = units // ROUNDS
    with (
        running_server(resources) as url,
        httpx.Client(base_url=url, cookies={SESSION_COOKIE: cookie}, headers={"Accept": "text/html"}) as client,
    ):
        rows = [
            _row("next card", client, lambda at: f"/card?after={at * step}"),
            _row("next card of a form", client, lambda at: f"/card?form=form/form{at % FORMS}&after={at * step}"),
            _row("queue", client, lambda _: "/queue", rounds=10),
            _row("list of texts", client, lambda _: "/texts", rounds=10),
        ]
        wait = _wait(url, cookie)
        if wait:
            rows.append(("key to next card, in Chromium", *_times(wait), "", ""))
    return rows


def _row(name: str, client: httpx.Client, path: Callable[[int], str], *, rounds: int = ROUNDS) -> tuple[str, ...]:
    times, cpu, sizes = [], [], []
    for at in range(rounds + 2):
        start, began = perf_counter(), process_time()
        answer = client.get(_BASE + path(at))
        times.append(perf_counter() - start)
        cpu.append(process_time() - began)
        if answer.status_code != 200:
            raise SystemExit(f"{path(at)} answers {answer.status_code}")
        sizes.append(len(gzip.compress(answer.content)) + _loaded(client, answer.text))
    # The first two pages of a kind fill caches.
    return name, *_times(times[2:]), f"{1000 * median(cpu[2:]):.0f}", f"{median(sizes):,.0f}"


def _loaded(client: httpx.Client, html: str) -> int:
    """Return the compressed bytes of the script and the stylesheet that a page names."""
    return sum(len(gzip.compress(client.get(path).content)) for path in re.findall(r'"(/static/[^"]+)"', html))


def _times(seconds: Sequence[float]) -> tuple[str, str]:
    return f"{1000 * median(seconds):.0f}", f"{1000 * sorted(seconds)[int(0.95 * (len(seconds) - 1))]:.0f}"


def _wait(url: str, cookie: str) -> list[float]:
    """Return the seconds from pressing A to the next card for some cards; empty without Chromium."""
    if not CHROMIUM.is_file():
        print("key to next card: not measured, Debian's package chromium is not here", file=sys.stderr)
        return []
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context()
        context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": url}])
        page = context.new_page()
        page.goto(f"{url}{_BASE}/card")
        for _ in range(20):
            page.wait_for_timeout(210)
            before = page.locator("article code").first.text_content()
            start = perf_counter()
            page.keyboard.press("KeyA")
            page.wait_for_function("key => document.querySelector('article code').textContent != key", arg=before)
            found.append(perf_counter() - start)
        browser.close()
    return found


def _print(title: str, rows: Sequence[tuple[str, ...]]) -> None:
    table = Table("page", "median ms", "p95 ms", "CPU ms", "bytes with all it loads", title=title)
    for row in rows:
        table.add_row(*row)
    Console(width=100).print(table)


if __name__ == "__main__":
    sys.exit(main())
