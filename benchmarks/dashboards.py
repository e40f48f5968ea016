"""Measure the pages of progress at growing numbers of translations, and print a table for each database that is here.

The deployment is generated: ten languages, 200 forms, half a year of history, the source as large as its texts. Times
are the server's, from the request to the last byte of the answer; CPU time is that of this process, without the
database's server, and counts where other work slows the machine. The last column says how much longer the largest size
takes than the smallest. The last row is what the counters save: counting every text anew, as ``progress recount`` does.
``python -m benchmarks.dashboards --full`` goes up to 1,000,000 translations, ``--sizes 10000`` measures one size alone.
"""

import argparse
import random
import sys
import tempfile
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import httpx
import pytest
from rich.console import Console
from rich.table import Table
from sqlalchemy import case, false, insert, literal, text
from sqlmodel import Session, col, select

from benchmarks.pages import postgresql, sqlite
from benchmarks.stopwatch import Seconds, Stopwatch, middle
from service.app import create_app
from service.audit.service import Actor
from service.auth.dependencies import SESSION_COOKIE
from service.auth.models import Account, Membership, Person, Role
from service.auth.service import new_session
from service.catalog.models import Origin, Snapshot, State, Translation, Unit
from service.catalog.service.counters import compare_counters, repair_counters
from service.checks.models import RecheckMark
from service.checks.service.conditions import deployment_fingerprint
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.service import create_deployment
from service.progress.models import ProgressSnapshot
from service.serving import running_server
from service.settings import Settings
from service.web.resources import Resources
from service.web.secrets import KEY_FILE, SecretBox

SIZES = (10_000, 100_000)
FULL = (*SIZES, 1_000_000)
LOCALES = ("ar", "bn", "es", "fr", "ku-IQ", "my", "ps-AF", "so", "sw-KE", "th")
FORMS = 200
DAYS = 180
ROUNDS = 40
PERSON = "bench-specialist"
_CHUNK = 10_000
_HASHES = {"source_hash": "5" * 64, "text_hash": "7" * 64}
_TIME = Translation.__table__.c.changed_at.type  # type: ignore[attr-defined]  # sqlmodel does not type it
PAGES = (
    ("all deployments", "/"),
    ("home of a deployment", "/deployments/bench"),
    ("a language, with charts", "/deployments/bench/locales/fr/progress"),
    ("sheet for partners", "/deployments/bench/status"),
    ("API: progress", "/api/v1/deployments/bench/progress"),
    ("API: deployments", "/api/v1/deployments"),
)
MAKERS = {"SQLite": sqlite, "PostgreSQL": postgresql}
_STATES = (State.APPROVED, State.APPROVED, State.TRANSLATED, State.TRANSLATED, State.STALE, State.REJECTED)


def main() -> int:
    """Measure what the arguments name, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboards", description="Measure pages of progress.")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="translations; at least 2,000")
    parser.add_argument("--full", action="store_const", const=FULL, dest="sizes", help="up to 1,000,000; minutes")
    parser.add_argument("--databases", nargs="+", choices=MAKERS, default=list(MAKERS))
    given = parser.parse_args()
    for name in given.databases:
        try:
            _print(name, {size: _measure(MAKERS[name], size) for size in given.sizes})
        except pytest.skip.Exception as missing:
            # How the tests' own set-up of PostgreSQL says that no server answers.
            print(f"{name}: not measured, {missing}", file=sys.stderr)
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)
            return 130
    return 0


def _measure(make: Any, size: int) -> dict[str, Seconds]:
    with tempfile.TemporaryDirectory() as folder:
        opened: AbstractContextManager[Database] = make(Path(folder))
        with opened as database:
            return measure(database, Path(folder), size)


def measure(database: Database, folder: Path, size: int) -> dict[str, Seconds]:
    """Return the medians of the server's time and of CPU time of each kind of page, and of counting anew."""
    cookie = fill(database, size // len(LOCALES))
    settings = Settings(data_dir=folder / "data")
    box = SecretBox(settings.make_data_dir() / KEY_FILE)
    resources = Resources(settings=settings, database=database, clock=lambda: datetime.now(UTC), secrets=box)
    stopwatch = Stopwatch(create_app(resources))
    found = {}
    with (
        running_server(resources, stopwatch) as url,
        httpx.Client(base_url=url, cookies={SESSION_COOKIE: cookie}, timeout=60) as client,
    ):
        for name, path in PAGES:
            headers = {"Accept": "application/json" if path.startswith("/api") else "text/html"}
            # The first ones fill caches.
            found[name] = middle([_get(client, stopwatch, path, headers) for _ in range(ROUNDS + 2)][2:])
    start, began = perf_counter(), process_time()
    with database.read() as session:
        wrong = compare_counters(session, 1)
    found["counting anew"] = Seconds(perf_counter() - start, process_time() - began)
    if wrong:
        raise SystemExit(f"{len(wrong)} counters are wrong")
    return found


def _get(client: httpx.Client, stopwatch: Stopwatch, path: str, headers: dict[str, str]) -> Seconds:
    answer = client.get(path, headers=headers)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answers {answer.status_code}")
    return stopwatch.last


def fill(database: Database, units: int) -> str:
    """Put the deployment and a specialist into an empty database, and return the value of the specialist's session."""
    now = datetime.now(UTC)
    with database.write() as session:
        session.add(Person(id=PERSON, created_at=now))
        session.flush()
        account = Account(person_id=PERSON, username="bench", created_at=now)
        session.add_all([account, Membership(person_id=PERSON, role=Role.SPECIALIST, created_at=now)])
        deployment = create_deployment(
            session, slug="bench", name="Bench", locales=dict.fromkeys(LOCALES), known_locales={"en", *LOCALES},
            transifex_project=None, source_locale="en", actor=Actor("bench"), now=now,
        )  # fmt: skip
        login = new_session(session, account, now)
        for start in range(0, units, _CHUNK):
            _insert(session, deployment.id or 0, range(start, min(start + _CHUNK, units)), units, now)
        _translate(session, now)
        _import(session, deployment.id or 0, units, now)
        _remember(session, deployment.id or 0, units, now)
        # As the daily upkeep does; without it the first plans are made for empty tables.
        session.connection().execute(text("ANALYZE"))
        # They were put in past everything that counts.
        repair_counters(session, session.get_one(Deployment, deployment.id), actor=Actor("bench"), now=now)
    return login.value


def _insert(session: Session, deployment: int, numbers: range, units: int, now: datetime) -> None:
    connection = session.connection()
    made = [
        {
            "id": at + 1, "deployment_id": deployment, "record_key": f"form/f{at * FORMS // units}", "position": at,
            "key": f"form/f{at * FORMS // units}/q{at}/display_name", "source": "Is it so?", "words": 3,
            "source_hash": _HASHES["source_hash"], "characters": 9, "context": {}, "created_at": now, "changed_at": now,
        }
        for at in numbers
    ]  # fmt: skip
    connection.execute(insert(Unit), made)


def _translate(session: Session, now: datetime) -> None:
    """Give every unit a text in each language, within the database: a million rows need not pass through Python."""
    for place, locale in enumerate(LOCALES):
        turn = (col(Unit.id) - 1 + place) % len(_STATES)
        row: dict[str, Any] = {
            "unit_id": col(Unit.id), "locale": literal(locale), "text": literal("Oui ?"),
            "text_hash": literal(_HASHES["text_hash"]), "origin": literal(Origin.IMPORT.value),
            "state": case(*((turn == at, state.value) for at, state in enumerate(_STATES)), else_=_STATES[0].value),
            "warnings": case(((col(Unit.id) - 1) % 9 == 0, 1), else_=0), "blocked": false(), "approvals": literal(0),
            "approvals_needed": literal(1), "reviewed_on_transifex": false(), "version": literal(1),
            "written_on": col(Unit.source_hash), "changed_at": literal(now, _TIME),
        }  # fmt: skip
        chosen = select(*(value.label(name) for name, value in row.items()))
        session.connection().execute(insert(Translation).from_select(list(row), chosen, include_defaults=False))


def _remember(session: Session, deployment: int, units: int, now: datetime) -> None:
    words = 3 * units
    rows = [
        {
            "deployment_id": deployment, "locale": locale, "day": (now - timedelta(days=ago)).date(), "taken_at": now,
            "total": units, "words": words, "translated": 0, "stale": 0, "stale_words": 0, "rejected": 0,
            "rejected_words": 0, "approved": 0, "waiting": 0, "waiting_words": 0, "with_findings": 0, "conflicts": 0,
            "translated_words": words * (DAYS - ago) * (3 + ago % 3) // (DAYS * 12),
            "approved_words": words * (DAYS - ago) * (3 + ago % 2) // (DAYS * 12),
        }
        for locale in LOCALES
        for ago in range(DAYS, 0, -1)
    ]  # fmt: skip
    session.connection().execute(insert(ProgressSnapshot), rows)


def _import(session: Session, deployment: int, units: int, now: datetime) -> None:
    """Store a source as large as the texts, which no page of progress has to read."""
    catalog = random.Random(units).randbytes(20 * units)
    session.add(
        Snapshot(
            deployment_id=deployment, number=1, is_current=True, origin="bench", format="configuration-json",
            source_hash=_HASHES["source_hash"], catalog=catalog, unit_count=units, imported_at=now,
        )
    )  # fmt: skip
    # Else the service's worker would check all of it while the pages are measured.
    fingerprint = deployment_fingerprint(session, session.get_one(Deployment, deployment))
    session.add(RecheckMark(deployment_id=deployment, fingerprint=fingerprint, checked_at=now))
    session.flush()


def _print(name: str, found: dict[int, dict[str, Seconds]]) -> None:
    sizes = list(found)
    table = Table(
        "median ms / CPU ms", *(f"{size:,}" for size in sizes), "largest : smallest",
        title=f"{name}, by number of translations",
    )  # fmt: skip
    for row in found[sizes[0]]:
        first, last = found[sizes[0]][row], found[sizes[-1]][row]
        table.add_row(row, *(str(measured[row]) for measured in found.values()), f"{last.wall / first.wall:.1f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    sys.exit(main())
