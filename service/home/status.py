"""How deployments stand: the same numbers for the command line, the API and the first page."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.auth.rules import Identity
from service.catalog.queries import LocaleCounts, count_states, count_units
from service.catalog.service.snapshots import find_current_snapshot
from service.deployments.models import Deployment
from service.deployments.service import list_deployments, list_locales
from service.sync.queries import list_runs


@dataclass(slots=True)
class DeploymentStatus:
    """One deployment: its source, its project, its languages with their counts."""

    id: int
    slug: str
    name: str
    archived: bool
    source_locale: str
    transifex_project: str | None
    snapshot: int | None
    snapshot_at: datetime | None
    synced_at: datetime | None
    units: int
    words: int
    locales: dict[str, LocaleCounts]
    languages: dict[str, str | None]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values; shares are in percent."""
        data = asdict(self)
        data.pop("id")
        for locale, counts in self.locales.items():
            data["locales"][locale]["approved_percent"] = counts.approved_percent
            data["locales"][locale]["transifex_language"] = self.languages[locale]
        data.pop("languages")
        return data


def describe_deployment(session: Session, deployment: Deployment) -> DeploymentStatus:
    """Return how one deployment stands."""
    assert deployment.id is not None
    rows = list_locales(session, deployment)
    snapshot = find_current_snapshot(session, deployment.id)
    runs = list_runs(session, deployment.id, limit=1)
    units, words = count_units(session, deployment.id)
    return DeploymentStatus(
        id=deployment.id,
        slug=deployment.slug,
        name=deployment.name,
        archived=deployment.archived_at is not None,
        source_locale=deployment.source_locale,
        transifex_project=deployment.transifex_project,
        snapshot=snapshot.number if snapshot else None,
        snapshot_at=snapshot.imported_at if snapshot else None,
        synced_at=runs[0].ended_at if runs else None,
        units=units,
        words=words,
        locales=count_states(session, deployment.id, [row.locale for row in rows]),
        languages={row.locale: row.transifex_language for row in rows},
    )


def describe_deployments(session: Session, identity: Identity) -> list[DeploymentStatus]:
    """Return how each deployment stands that the identity may see, by slug."""
    return [
        describe_deployment(session, deployment)
        for deployment in list_deployments(session)
        if deployment.id is not None and identity.can_see(deployment.id)
    ]
