"""Commands about long work that the service does."""

from typing import Annotated, Any

import typer

from service.auth.rules import Permission
from service.errors import NotFound
from service.home.cancelling import require_cancel
from service.home.command_line import JsonOption, Slug, get_command_line, table
from service.jobs.models import Job
from service.jobs.service import cancel_job, get_job, list_jobs

job_app = typer.Typer(no_args_is_help=True, help="Jobs: exchanges with Transifex that the service does by itself.")


@job_app.command("list")
def list_latest(ctx: typer.Context, slug: Slug, as_json: JsonOption = False) -> None:
    """List the latest jobs of a deployment, the newest first."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.read() as session:
        deployment, _ = command_line.deployment(session, slug, Permission.DEPLOYMENT_VIEW, changing=False)
        assert deployment.id is not None
        jobs = list_jobs(session, deployment.id)
    rows = [("job", "kind", "state", "done", "of", "queued", "message")]
    rows += [
        (str(job.id), job.kind, job.state.value, str(job.done), str(job.total), f"{job.created_at:%Y-%m-%d %H:%M}",
         job.message)
        for job in jobs
    ]  # fmt: skip
    command_line.show([_data(job) for job in jobs], table(rows) if jobs else ["There is no job yet."], as_json=as_json)


@job_app.command("cancel")
def cancel(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(help="The job's number, from `job list`.")],
    as_json: JsonOption = False,
) -> None:
    """Cancel a job: one that waits ends at once, one that runs before its next step; what was done is kept."""
    command_line = get_command_line(ctx)
    with command_line.resources.database.write() as session:
        identity = command_line.identity(session)
        job = get_job(session, number)
        if not identity.can_see(job.deployment_id):
            raise NotFound(f"There is no job {number}.")
        require_cancel(identity, job)
        job = cancel_job(session, number, now=command_line.resources.clock())
        data = _data(job)
    command_line.show(data, [f"job {number} is {data['state']}"], as_json=as_json)


def _data(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state.value,
        "done": job.done,
        "total": job.total,
        "queued_at": job.created_at,
        "ended_at": job.ended_at,
        "message": job.message,
    }


def mount(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.add_typer(job_app, name="job")
