"""Who did how much: totals of a project at once, and a report as an asynchronous job that ends in a CSV file."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from transifex_client.ids import language_id
from transifex_client.sandbox import bodies, jobs
from transifex_client.sandbox.bodies import Schema, read_body
from transifex_client.sandbox.downloads import offer
from transifex_client.sandbox.exchange import Exchange
from transifex_client.sandbox.http import Fault, Response, answer, to_one
from transifex_client.sandbox.languages import known_languages
from transifex_client.sandbox.queries import code_in, read_query
from transifex_client.sandbox.state import ActivityState, JobState, State

TOTALS = "project_localization_activity"
REPORTS = "project_activity_reports_async_downloads"

_REPORT = Schema(
    kind=REPORTS,
    attributes={"date_from": bodies.day, "date_to": bodies.day, "first_time_edits": bodies.boolean},
    required=("date_from",),
    related={"project": "projects", "language": "languages", "user": "users"},
    required_related=("project",),
)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which days count, of which project, language and user (None for any)."""

    project: str
    first: date
    last: date | None
    language: str | None
    user: str | None = None

    def rows(self, state: State) -> list[ActivityState]:
        return [
            row
            for resource in state.resources.values()
            if resource.project == self.project
            for row in resource.activity.values()
            if self.first.isoformat() <= row.day
            and (self.last is None or row.day <= self.last.isoformat())
            and self.language in (None, row.language)
            and self.user in (None, row.user)
        ]


def show_totals(exchange: Exchange) -> Response:
    """Answer GET /project_localization_activity."""
    query = read_query(
        exchange.request, required=("project", "date][from", "date][to"), optional=("language",), paged=False
    )
    project = exchange.state.project(query.filters["project"])
    language = query.filters.get("language")
    wanted = _Wanted(
        project.id,
        query.day("date][from"),
        query.day("date][to"),
        None if language is None else code_in(language, "filter[language]"),
    )
    rows = wanted.rows(exchange.state)
    new, edited = sum(row.new for row in rows), sum(row.edited for row in rows)
    shown = {
        "type": TOTALS,
        "id": project.id,
        "attributes": {
            "translated_words": {"new": new, "edited": edited, "total": new + edited},
            "reviewed_words": {"total": sum(row.reviewed for row in rows)},
            "proofread_words": {"total": sum(row.proofread for row in rows)},
        },
        "relationships": {
            "project": to_one("projects", project.id),
            "language": to_one("languages", None if wanted.language is None else language_id(wanted.language)),
        },
    }
    return answer({"data": [shown] if exchange.settings.activity_as_list else shown})


def start_report(exchange: Exchange) -> Response:
    """Answer POST /project_activity_reports_async_downloads."""
    body = read_body(exchange.request, _REPORT)
    project = exchange.state.project(body.related["project"])
    language = code_in(body.related["language"], "language") if "language" in body.related else None
    if language is not None and language not in known_languages():
        raise Fault(404, f"There is no language {language}.", pointer="/data/relationships/language")
    job = JobState(
        id=exchange.new_id(),
        kind=REPORTS,
        resource="",
        user=exchange.user,
        created_at=exchange.now,
        modified_at=exchange.now,
        polls_left=exchange.settings.pending_polls,
        language=language,
        project=project.id,
        about_user=exchange.state.user(body.related["user"]) if "user" in body.related else None,
        options={name: value for name, value in body.attributes.items() if isinstance(value, str | bool)},
    )
    return jobs.start(exchange, job, _make_report)


def poll_report(exchange: Exchange) -> Response:
    """Answer GET /project_activity_reports_async_downloads/ID."""
    return offer(exchange, jobs.poll(exchange, REPORTS, _make_report))


def _make_report(exchange: Exchange, job: JobState) -> None:
    last = job.options.get("date_to")
    wanted = _Wanted(
        job.project or "",
        date.fromisoformat(str(job.options["date_from"])),
        None if last is None else date.fromisoformat(str(last)),
        job.language,
        job.about_user,
    )
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(exchange.settings.report_columns)
    writer.writerows(_added(wanted.rows(exchange.state)))
    job.content = file.getvalue().encode()


def _added(rows: Iterable[ActivityState]) -> list[tuple[str | int, ...]]:
    """Return one row for each person and language."""
    sums: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        counts = sums.setdefault((row.user, row.language), [0, 0, 0, 0])
        for index, count in enumerate((row.new, row.edited, row.reviewed, row.proofread)):
            counts[index] += count
    return [(*who, *counts) for who, counts in sorted(sums.items())]
