"""Comparing one locale with Transifex before a release; the client comes from whoever asks."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from service.audit.service import Actor
from service.bundles.service.releasing import Reconciled
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.service import find_active_deployment, find_locale
from service.errors import NotReady, Refused, RemoteUnreachable, ServiceError
from service.jobs.models import Job
from service.sync.models import RunState
from service.sync.queries import find_last_whole_pull, list_pushed_resources
from service.sync.service import RunReport, pull
from service.sync.service.runs import Progress, no_progress
from transifex_client import TransifexClient

OpenClient = Callable[[Deployment], AbstractContextManager[TransifexClient]]
"""Makes the client of a deployment's Transifex, to be closed by whoever asked."""


@dataclass(frozen=True)
class Reconciler:
    """Compares a locale of a deployment with Transifex; made where the network is.

    Attributes:
        database: where the texts are.
        open_client: reaches Transifex.
        clock: the time.
        new_id: makes the ids of persons whom we meet for the first time.
        own_user: the Transifex user that this service writes as.
        job: the one that this is the work of, None for none.
        on_progress: told about each resource that is done.
    """

    database: Database
    open_client: OpenClient
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    own_user: str | None = None
    job: Job | None = None
    on_progress: Progress = no_progress

    def reconcile(self, slug: str, locale: str, actor: Actor) -> Reconciled:
        """Let in everything that stands on Transifex in the locale, as a pull does, and say when.

        A locale without a language there, and a deployment of which nothing lies there, has nothing to compare.

        Raises:
            NotFound: there is no such deployment, or it is not translated into the locale.
            RemoteUnreachable: not every resource could be compared.
            Refused: the deployment is archived, or another run is under way.
        """
        deployment, mapped, pushed = self._look(slug, locale)
        if not (mapped and pushed):
            return Reconciled(mapped, None)
        try:
            with self.open_client(deployment) as client:
                report = pull(
                    self.database,
                    client,
                    deployment_slug=slug,
                    actor=actor,
                    clock=self.clock,
                    new_id=self.new_id,
                    own_user=self.own_user,
                    everything=True,
                    locale=locale,
                    on_progress=self.on_progress,
                    job=self.job,
                )
        except (NotReady, Refused) as error:
            raise _as_unreachable(error) from error
        _require_whole(report)
        return Reconciled(mapped, self.clock())

    def find_last(self, slug: str, locale: str) -> Reconciled:
        """Return when the locale was last compared with Transifex."""
        deployment, mapped, _ = self._look(slug, locale)
        assert deployment.id is not None
        with self.database.read() as session:
            return Reconciled(mapped, find_last_whole_pull(session, deployment.id, locale))

    def _look(self, slug: str, locale: str) -> tuple[Deployment, bool, bool]:
        with self.database.read() as session:
            deployment = find_active_deployment(session, slug)
            assert deployment.id is not None
            language = find_locale(session, deployment, locale).transifex_language
            mapped = language is not None and deployment.transifex_project is not None
            return deployment, mapped, bool(list_pushed_resources(session, deployment.id))


def _as_unreachable(error: ServiceError) -> ServiceError:
    """Return an error of Transifex as one of reaching it: a lost token or project is as good as a lost line."""
    if isinstance(error, NotReady) or "transifex_status" in error.details:
        return RemoteUnreachable(error.message, details=error.details)
    return error


def _require_whole(report: RunReport) -> None:
    if report.state in (RunState.FAILED, RunState.PARTLY):
        raise RemoteUnreachable(report.message)
