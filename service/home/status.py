"""How deployments stand: the same numbers for the command line, the API and the first page."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.auth.rules import Identity
from service.catalog.models import Snapshot
from service.catalog.queries import LocaleCounts, count_deployments
from service.catalog.service.snapshots import find_current_snapshots
from service.deployments.models import ConflictPolicy, Deployment
from service.deployments.rules import ResourceFormat
from service.deployments.service import list_deployments, list_locales_of
from service.sync.models import SyncRun
from service.sync.queries import find_last_runs


@dataclass(slots=True)
class DeploymentStatus:
    """One deployment: its source, its project, its languages with their counts."""

    id: int
    slug: str
    name: str
    archived: bool
    source_locale: str
    transifex_project: str | None
    transifex_format: ResourceFormat
    lone_reviewer: bool
    conflict_policy: ConflictPolicy
    push_by_itself: bool
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
        data["locales"] = {
            locale: {**counts.as_json(), "transifex_language": self.languages[locale]}
            for locale, counts in self.locales.items()
        }
        data.pop("languages")
        return data


def describe_deployment(session: Session, deployment: Deployment) -> DeploymentStatus:
    """Return how one deployment stands."""
    return _describe(session, [deployment])[0]


def describe_deployments(session: Session, identity: Identity) -> list[DeploymentStatus]:
    """Return how each deployment stands that the identity may see, by slug; as many queries as for one."""
    return _describe(session, [each for each in list_deployments(session) if identity.can_see(each.id or 0)])


def _describe(session: Session, deployments: Sequence[Deployment]) -> list[DeploymentStatus]:
    ids = [each.id or 0 for each in deployments]
    languages: dict[int, dict[str, str | None]] = {number: {} for number in ids}
    for row in list_locales_of(session, ids):
        languages[row.deployment_id][row.locale] = row.transifex_language
    snapshots, runs = find_current_snapshots(session, ids), find_last_runs(session, ids)
    counts = count_deployments(session, ids)
    return [
        _status(each, snapshots.get(number), runs.get(number), counts[number], languages[number])
        for number, each in zip(ids, deployments, strict=True)
    ]


def _status(
    deployment: Deployment,
    snapshot: Snapshot | None,
    run: SyncRun | None,
    counts: Mapping[str, LocaleCounts],
    languages: dict[str, str | None],
) -> DeploymentStatus:
    assert deployment.id is not None
    source = counts[""]
    nothing = LocaleCounts(total=source.total, words=source.words)
    return DeploymentStatus(
        id=deployment.id,
        slug=deployment.slug,
        name=deployment.name,
        archived=deployment.archived_at is not None,
        source_locale=deployment.source_locale,
        transifex_project=deployment.transifex_project,
        transifex_format=deployment.transifex_format,
        lone_reviewer=deployment.lone_reviewer,
        conflict_policy=deployment.conflict_policy,
        push_by_itself=deployment.push_by_itself,
        snapshot=snapshot.number if snapshot else None,
        snapshot_at=snapshot.imported_at if snapshot else None,
        synced_at=run.ended_at if run else None,
        units=source.total,
        words=source.words,
        locales={locale: counts.get(locale, nothing) for locale in languages},
        languages=languages,
    )
