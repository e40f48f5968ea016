"""Asynchronous jobs: started, polled, finished after as many polls as the settings say."""

from collections.abc import Callable

from transifex_client.ids import language_id, user_id
from transifex_client.sandbox.exchange import Exchange, stamp
from transifex_client.sandbox.formats.model import ParseTrouble
from transifex_client.sandbox.http import Fault, Response, answer, to_one
from transifex_client.sandbox.state import JobState, JobTroubleState

_ENDLESS = 2**31

Work = Callable[[Exchange, JobState], None]


def start(exchange: Exchange, job: JobState, work: Work) -> Response:
    """Remember a new job and answer 202; its work is done at once when no poll is to find it unfinished."""
    if exchange.settings.endless_jobs > 0:
        exchange.settings.endless_jobs -= 1
        job.polls_left = _ENDLESS
    exchange.state.jobs[job.id] = job
    exchange.state.forget_old_jobs()
    shown = show_job(job)
    if job.polls_left == 0:
        _finish(exchange, job, work)
    return answer({"data": shown}, status=202, headers={"Content-Location": f"/{job.kind}/{job.id}"})


def poll(exchange: Exchange, kind: str, work: Work) -> JobState:
    """Return a job after counting this poll, or refuse with 404. The work is done when its last poll has come."""
    job = exchange.state.jobs.get(exchange.id)
    if job is None or job.kind != kind:
        raise Fault(404, f"Nothing was found with the id {exchange.id}.")
    if job.status not in ("pending", "processing"):
        return job
    if job.polls_left > 0:
        job.polls_left -= 1
        job.status = "processing"
        job.modified_at = exchange.now
    else:
        _finish(exchange, job, work)
    return job


def _finish(exchange: Exchange, job: JobState, work: Work) -> None:
    job.modified_at = exchange.now
    if exchange.settings.next_job_errors:
        job.status = "failed"
        job.errors = [JobTroubleState(code, detail) for code, detail in exchange.settings.next_job_errors.pop(0)]
        return
    try:
        work(exchange, job)
        job.status = "succeeded"
    except ParseTrouble as trouble:
        job.status = "failed"
        job.errors = [JobTroubleState("parse_error", str(trouble))]
    except RecursionError:
        job.status = "failed"
        job.errors = [JobTroubleState("parse_error", "The file is nested too deeply")]


def show_job(job: JobState) -> object:
    """Return a job as JSON. Only uploads have details; reports name their dates as everything but a job does."""
    date = "date" if job.project is None else "datetime"
    attributes: dict[str, object] = {
        f"{date}_created": stamp(job.created_at),
        f"{date}_modified": stamp(job.modified_at),
        "status": job.status,
        "errors": [{"code": error.code, "detail": error.detail} for error in job.errors],
    }
    if job.kind.endswith("_uploads"):
        attributes["details"] = job.details
    whole = ("resource", "resources", job.resource) if job.project is None else ("project", "projects", job.project)
    related = {whole[0]: to_one(*whole[1:])}
    if job.language is not None:
        related["language"] = to_one("languages", language_id(job.language))
    if job.about_user is not None:
        related["user"] = to_one("users", user_id(job.about_user))
    return {
        "type": job.kind,
        "id": job.id,
        "attributes": attributes,
        "relationships": related,
        "links": {"self": f"/{job.kind}/{job.id}"},
    }
