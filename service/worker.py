"""What runs queued jobs: embedded in the service, or in processes of their own. Makes the handlers of every kind."""

import contextlib
import logging
import os
import random
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from service.announcing.client import WebhookSender
from service.announcing.service import KIND as WEBHOOK
from service.announcing.service import announce_due
from service.announcing.tasks import deliver_due
from service.audit.service import Actor
from service.checks.service.rechecking import KIND, queue_due_rechecks, recheck
from service.deployments.client import open_transifex
from service.deployments.models import Deployment
from service.errors import NotReady, RemoteUnreachable
from service.home.deadlines import remind_due
from service.home.instance_jobs import (
    APPLY,
    CHECK,
    DIFF,
    ROLLBACK,
    run_apply_job,
    run_check_job,
    run_diff_job,
    run_rollback_job,
)
from service.home.releasing import RELEASE, run_release_job
from service.jobs.models import Job
from service.jobs.runner import Handler, Progress, Runner
from service.jobs.wake import make_queue
from service.mail.client import SmtpSender
from service.mail.forgotten import send_password_letters
from service.mail.sending import find_account, stop_address
from service.mail.service import KIND as MAIL
from service.mail.tasks import Outgoing, queue_due_mail, send_due
from service.progress.service import take_due_snapshots, take_snapshots
from service.sync.models import RunState
from service.sync.service import RunReport, pull, push
from service.sync.service.arriving import own_usernames
from service.sync.service.schedule import queue_due_syncs
from service.volunteers.privacy import erase_due
from service.volunteers.schedule import queue_due_looks
from service.volunteers.tasks import KIND as TEAM
from service.volunteers.tasks import reconcile
from service.volunteers.writing import describe_language, note_sent, tell_due
from service.web.resources import Resources

log = logging.getLogger(__name__)

_HEALTH_SECONDS = 30.0
"""Between two looks whether the threads that run jobs still live."""


def make_handlers(resources: Resources) -> dict[str, Handler]:
    """Return what runs a job of each kind."""

    def run_push(job: Job, progress: Progress) -> Mapping[str, Any]:
        work = partial(
            push,
            new_id=resources.new_id,
            own_user=resources.settings.transifex_user,
            allow_removals=bool(job.arguments.get("allow_removals")),
            limits=resources.settings.character_limits,
        )
        return _exchange(resources, job, progress, work)

    def run_pull(job: Job, progress: Progress) -> Mapping[str, Any]:
        work = partial(
            pull,
            new_id=resources.new_id,
            own_user=resources.settings.transifex_user,
            everything=bool(job.arguments.get("everything")),
            # By itself it looks for questions where something moved; a person or Transifex who asks has a reason.
            questions="scheduled" not in job.arguments,
        )
        return _exchange(resources, job, progress, work)

    def run_recheck(job: Job, progress: Progress) -> Mapping[str, Any]:
        report = recheck(resources.database, job.deployment_id, clock=resources.clock, progress=progress)
        return {"checked": report.checked, "tagged": report.tagged, "untagged": report.untagged}

    def run_release(job: Job, progress: Progress) -> Mapping[str, Any]:
        return run_release_job(resources, job, progress)

    def run_team(job: Job, progress: Progress) -> Mapping[str, Any]:
        return _compare_team(resources, job, progress)

    def run_mail(job: Job, progress: Progress) -> Mapping[str, Any]:
        return _send_mail(resources, job, progress)

    def run_webhook(job: Job, progress: Progress) -> Mapping[str, Any]:
        with WebhookSender(resources.settings) as sender:
            return deliver_due(
                resources.database, job.deployment_id, sender, secrets=resources.secrets, clock=resources.clock,
                progress=progress,
            )  # fmt: skip

    return {
        WEBHOOK: run_webhook,
        "push": run_push, "pull": run_pull, KIND: run_recheck, TEAM: run_team, RELEASE: run_release, MAIL: run_mail,
        CHECK: partial(run_check_job, resources),
        DIFF: partial(run_diff_job, resources),
        APPLY: partial(run_apply_job, resources),
        ROLLBACK: partial(run_rollback_job, resources),
    }  # fmt: skip


def _send_mail(resources: Resources, job: Job, progress: Progress) -> Mapping[str, Any]:
    with open_outgoing(resources) as outgoing:
        if outgoing is None:
            # It waits to be copied.
            return {"sent": 0}
        return send_due(resources.database, job.deployment_id, outgoing, clock=resources.clock, progress=progress)


@contextlib.contextmanager
def open_outgoing(resources: Resources) -> Iterator[Outgoing | None]:
    """Yield how mail goes out by the settings, None where it is to be copied by hand.

    Raises:
        NotReady: the settings name a mail server that cannot be used.
    """
    account = find_account(resources.settings)
    if account is None:
        yield None
        return
    with SmtpSender(account) as sender:
        yield Outgoing(
            account,
            sender,
            address_of=partial(stop_address, resources.settings, resources.secrets),
            describe=describe_language,
            note_sent=note_sent,
        )


def _compare_team(resources: Resources, job: Job, progress: Progress) -> Mapping[str, Any]:
    with resources.database.read() as session:
        deployment = session.get_one(Deployment, job.deployment_id)
    with open_transifex(
        resources.settings, deployment, resources.secrets, resources.transifex_transport, database=resources.database
    ) as client:
        report = reconcile(
            resources.database,
            client,
            deployment,
            own_users=own_usernames(deployment, resources.settings.transifex_user),
            actor=Actor("worker", job.person_id),
            clock=resources.clock,
            new_id=resources.new_id,
            by_itself="scheduled" in job.arguments,
            progress=progress,
        )
    plan = report.plan
    return {
        "added": report.added,
        "troubles": len(report.attempts) - report.added,
        "invitations": len(plan.invitations),
        "candidates": len(plan.candidates),
        "joined": len(plan.joined),
        "gone": len(plan.gone),
    }


def _exchange(resources: Resources, job: Job, progress: Progress, work: Callable[..., RunReport]) -> Mapping[str, Any]:
    with resources.database.read() as session:
        deployment = session.get_one(Deployment, job.deployment_id)
    with open_transifex(
        resources.settings, deployment, resources.secrets, resources.transifex_transport,
        database=resources.database, check=progress.check,
    ) as client:  # fmt: skip
        report = work(
            resources.database,
            client,
            deployment_slug=deployment.slug,
            actor=Actor("worker", job.person_id),
            clock=resources.clock,
            on_progress=lambda done, total, _what: progress(done, total),
            job=job,
        )
    with resources.database.write() as session:
        take_snapshots(session, session.get_one(Deployment, job.deployment_id), now=resources.clock())
    if report.state is RunState.FAILED:
        raise RemoteUnreachable(f"Nothing could be exchanged: {report.message}")
    return {
        "run": report.run_id,
        "state": report.state.value,
        "message": report.message,
        "requests": report.requests,
    }


def make_runner(resources: Resources) -> Runner:
    """Return a runner that carries this process in its name, and an id: numbers of processes come again."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{resources.new_id()}"
    return Runner(resources.database, make_handlers(resources), owner, resources.clock)


def run_worker(resources: Resources, stop: threading.Event) -> None:
    """Run jobs until ``stop`` is set; a job under way then stops between two steps and is queued again.

    Meanwhile one of all workers sees to it that deployments are pulled and pushed by themselves, and what this process
    queues wakes a worker.

    Raises:
        BadInput: the queue that wakes workers cannot be used as the settings say.
    """
    _make_worker(resources, stop)()


def _make_worker(resources: Resources, stop: threading.Event) -> Callable[[], None]:
    runner = make_runner(resources)
    queue = make_queue(resources.settings.effective_queue_url, partial(runner.run_due, stop), stop)

    def run() -> None:
        schedule = threading.Thread(
            target=keep_schedule, args=(resources, runner.owner, stop), name="schedule", daemon=True
        )
        schedule.start()
        post = threading.Thread(target=keep_post, args=(resources, runner.owner, stop), name="post", daemon=True)
        post.start()
        door = threading.Thread(target=keep_door, args=(resources, stop), name="door", daemon=True)
        door.start()
        _queue_rechecks(resources)
        consumer = queue.create_consumer()
        with resources.database.listening(queue.send):
            consumer.start()
            while not stop.wait(_HEALTH_SECONDS):
                consumer.check_worker_health()
            consumer.stop(graceful=True)
        queue.close()
        schedule.join()
        post.join()
        door.join()

    return run


def _queue_rechecks(resources: Resources) -> None:
    """Ask for another look at texts that an earlier version, or other switches, checked."""
    try:
        queue_due_rechecks(resources.database, now=resources.clock())
    except SQLAlchemyError as error:
        log.error("rechecks wait: the database cannot be used (%s)", type(error).__name__)


def keep_schedule(resources: Resources, owner: str, stop: threading.Event, *, pause: float = 20.0) -> None:
    """Look every ``pause`` seconds whether something is to be done by itself, until ``stop`` is set.

    That is to remember how each language stands, once a day, to exchange texts, and to look at the teams on Transifex.
    """
    every = timedelta(minutes=resources.settings.sync_minutes)
    while not stop.wait(pause):
        try:
            take_due_snapshots(resources.database, owner=owner, now=resources.clock())
            if not every:
                continue
            shared = _has_shared_token(resources)
            queue_due_syncs(
                resources.database,
                owner=owner,
                now=resources.clock(),
                every=every,
                shared_token=shared,
                chance=random.random,
            )
            queue_due_looks(
                resources.database, owner=owner, now=resources.clock(), shared_token=shared, chance=random.random
            )
        except SQLAlchemyError as error:
            log.error("what is done by itself waits: the database cannot be used (%s)", type(error).__name__)


def keep_post(resources: Resources, owner: str, stop: threading.Event, *, pause: float = 30.0) -> None:
    """Look every ``pause`` seconds whether people are to be told something or mail is due, until ``stop``."""
    while not stop.wait(pause):
        try:
            tell_due(resources.database, owner=owner, now=resources.clock())
            remind_due(resources.database, owner=owner, now=resources.clock(), public_url=resources.settings.public_url)
            announce_due(resources.database, owner=owner, now=resources.clock(), new_id=resources.new_id)
            erase_due(resources.database, owner=owner, now=resources.clock())
            if resources.settings.smtp_url is not None:
                queue_due_mail(resources.database, owner=owner, now=resources.clock())
        except SQLAlchemyError as error:
            log.error("mail waits: the database cannot be used (%s)", type(error).__name__)


def keep_door(resources: Resources, stop: threading.Event, *, pause: float = 3.0) -> None:
    """Look every ``pause`` seconds whether somebody waits for a link to set a password, until ``stop``.

    A person stands before the door meanwhile; where there is no mail server nobody can ask.
    """
    if resources.settings.smtp_url is None:
        return
    while not stop.wait(pause):
        try:
            send_password_letters(resources.database, resources.settings, clock=resources.clock)
        except NotReady as error:
            log.error("links to set a password wait: %s", error.message)
        except SQLAlchemyError as error:
            log.error("links to set a password wait: the database cannot be used (%s)", type(error).__name__)


def _has_shared_token(resources: Resources) -> bool:
    try:
        token = resources.settings.read_transifex_token()
    except (OSError, UnicodeDecodeError):
        # Whoever pulls by hand is told.
        return False
    return token is not None and bool(token.get_secret_value())


def start_worker(resources: Resources, stop: threading.Event) -> threading.Thread:
    """Run jobs in threads of this process until ``stop`` is set; return the one that ends last.

    Raises:
        BadInput: the queue that wakes workers cannot be used as the settings say.
    """
    thread = threading.Thread(target=_make_worker(resources, stop), name="worker", daemon=True)
    thread.start()
    return thread
