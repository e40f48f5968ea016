"""What a monitor reads of the database: jobs, exchanges, mail, requests to Transifex. Numbers alone.

Each is found in a time that does not grow with the texts: what ended is counted as it happens, what waits is looked
for in the index of what waits, up to a limit.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from service.db import Database
from service.jobs.models import Job, JobState
from service.jobs.service import ACTIVE
from service.mail.models import MailMessage, MailState
from service.tally.service import JOBS, MAIL, REQUESTS, RUNS, Place, read_tallies
from service.version import VERSION
from service.web.resources import Resources

MOST = 10_000
"""Messages that are counted one by one: more are told as so many."""
_ENDED = (
    (JOBS, "bridge_jobs_ended", "Jobs that ended.", ("kind", "state")),
    (RUNS, "bridge_runs_ended", "Exchanges with Transifex that ended.", ("kind", "result")),
    (REQUESTS, "bridge_transifex_answers", "Answers of Transifex; 429: it asked to wait.", ("", "status")),
    (MAIL, "bridge_mail_ended", "Messages that went out, or were given up.", ("", "result")),
)


class DatabaseMetrics(Collector):
    """Reads the numbers anew for each look."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def collect(self) -> Iterator[Metric]:
        """Yield every number; where the database does not answer, that alone."""
        yield _gauge("bridge_info", "The version that runs.", ("version",), {(VERSION,): 1})
        found: list[Metric] = []
        try:
            with self.resources.database.read() as session:
                found = list(_read(session, self.resources.database, self.resources.clock()))
        except SQLAlchemyError:
            pass
        yield _gauge("bridge_database_up", "Whether the database answers.", (), {(): int(bool(found))})
        yield from found


def _read(session: Session, database: Database, now: datetime) -> Iterator[Metric]:
    tallies = read_tallies(session)
    for name, metric, told, labels in _ENDED:
        yield _ended(tallies, name, metric, told, labels)
    yield from _waiting_jobs(session, now)
    waiting: dict[tuple[str, ...], float] = {
        (state.value,): _count_mail(session, state) for state in (MailState.WAITING, MailState.FAILED)
    }
    yield _gauge("bridge_mail_messages", f"Messages that wait or failed, up to {MOST:,}.", ("state",), waiting)
    yield _gauge("bridge_database_bytes", "Size of the database.", (), {(): _size(session, database)})


def _ended(
    tallies: Mapping[Place, int], name: str, metric: str, told: str, labels: tuple[str, str]
) -> CounterMetricFamily:
    kind, result = labels
    family = CounterMetricFamily(metric, told, labels=[label for label in (kind, result) if label])
    for place, number in sorted(tallies.items()):
        if place.name == name:
            family.add_metric([place.kind, place.result] if kind else [place.result], number)
    return family


def _waiting_jobs(session: Session, now: datetime) -> Iterator[Metric]:
    query = (
        select(Job.kind, Job.state, func.count(), func.min(Job.created_at))
        .where(col(Job.state).in_(ACTIVE))
        .group_by(col(Job.kind), col(Job.state))
    )
    rows = session.exec(query).all()
    counts: dict[tuple[str, ...], float] = {(kind, JobState(state).value): number for kind, state, number, _ in rows}
    yield _gauge("bridge_jobs", "Jobs that wait or run.", ("kind", "state"), counts)
    queued = [(number, since) for _, state, number, since in rows if JobState(state) is JobState.QUEUED]
    yield _gauge("bridge_queue_length", "Jobs that wait for a worker.", (), {(): sum(number for number, _ in queued)})
    age = max([(now - since).total_seconds() for _, since in queued], default=0.0)
    told = "How long the oldest job that waits has waited; 0 where none does."
    yield _gauge("bridge_oldest_queued_job_seconds", told, (), {(): max(age, 0.0)})


def _count_mail(session: Session, state: MailState) -> int:
    some = select(MailMessage.id).where(MailMessage.state == state).limit(MOST).subquery()
    return session.exec(select(func.count()).select_from(some)).one()


def _size(session: Session, database: Database) -> int:
    if not database.is_sqlite:
        return int(session.connection().execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    name = database.url.database or ""
    files = [Path(f"{name}{suffix}") for suffix in ("", "-wal")]
    return sum(file.stat().st_size for file in files if file.is_file())


def _gauge(
    name: str, told: str, labels: Iterable[str], values: Mapping[tuple[str, ...], float]
) -> GaugeMetricFamily:  # fmt: skip
    family = GaugeMetricFamily(name, told, labels=list(labels))
    for place, value in sorted(values.items()):
        family.add_metric(list(place), value)
    return family
