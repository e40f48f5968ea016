"""Use cases that span features: a deployment from a source, a source into a deployment, how a deployment stands."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from extractors.units import Catalog
from service.audit.service import Actor
from service.catalog.models import Snapshot
from service.catalog.plan import SourcePlan
from service.catalog.rules.drift import show_word_diff
from service.catalog.service.snapshots import (
    activate_snapshot,
    find_current_snapshot,
    import_snapshot,
    plan_import,
    read_catalog,
)
from service.checks.service import check_outdated
from service.deployments.models import Deployment
from service.deployments.rules import ResourceFormat
from service.deployments.service import create_deployment, list_locales
from service.home.moving import adopt_units
from service.home.reading import problem_data
from service.review.service.entering import EntryReport
from service.review.service.policies import enter_source_texts


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What an import of a source did, or would do. ``texts`` says what became of the texts of other locales in it.

    ``adopted`` says what became of the texts of units that moved.
    """

    plan: SourcePlan
    catalog: Catalog
    snapshot: Snapshot | None = None
    same: bool = False
    texts: Mapping[str, EntryReport] = field(default_factory=dict)
    adopted: Mapping[str, EntryReport] = field(default_factory=dict)


def add_deployment(
    session: Session,
    *,
    slug: str,
    name: str,
    catalog: Catalog,
    origin: str,
    locales: Mapping[str, str | None],
    known_locales: Collection[str],
    transifex_project: str | None,
    transifex_format: ResourceFormat = ResourceFormat.YML,
    actor: Actor,
    now: datetime,
) -> tuple[Deployment, SourceReport]:
    """Make a deployment, import its source as the first snapshot, let in the texts the source holds."""
    deployment = create_deployment(
        session,
        slug=slug,
        name=name,
        locales=locales,
        known_locales=known_locales,
        transifex_project=transifex_project,
        transifex_format=transifex_format,
        source_locale=catalog.source_locale,
        actor=actor,
        now=now,
    )
    report = import_source(session, deployment, catalog, origin=origin, allow_removals=False, actor=actor, now=now)
    return deployment, report


def preview_source(session: Session, deployment: Deployment, catalog: Catalog) -> SourceReport:
    """Return what importing the source would do; nothing is written."""
    return SourceReport(plan_import(session, deployment, catalog), catalog)


def import_source(
    session: Session,
    deployment: Deployment,
    catalog: Catalog,
    *,
    origin: str,
    allow_removals: bool,
    adopt_moved: bool = False,
    actor: Actor,
    now: datetime,
) -> SourceReport:
    """Import the source as the current snapshot, and let in the texts of the deployment's locales that it holds.

    With ``adopt_moved`` units that moved take their translations along, before texts found in the source.
    """
    imported = import_snapshot(
        session, deployment, catalog, origin=origin, allow_removals=allow_removals, actor=actor, now=now
    )
    adopted = {}
    if adopt_moved and imported.snapshot is not None and imported.plan.moved:
        adopted = adopt_units(session, deployment, imported.plan.moved, actor=actor, now=now)
    texts = _enter_texts(session, deployment, catalog, now)
    return SourceReport(imported.plan, catalog, imported.snapshot, imported.same, texts, adopted)


def activate_source(
    session: Session, deployment: Deployment, number: int, *, actor: Actor, now: datetime
) -> SourceReport:
    """Make an older snapshot current again."""
    plan = activate_snapshot(session, deployment, number, actor=actor, now=now)
    assert deployment.id is not None
    snapshot = find_current_snapshot(session, deployment.id)
    assert snapshot is not None
    catalog = read_catalog(snapshot)
    return SourceReport(plan, catalog, snapshot, texts=_enter_texts(session, deployment, catalog, now))


def _enter_texts(session: Session, deployment: Deployment, catalog: Catalog, now: datetime) -> dict[str, EntryReport]:
    locales = {row.locale for row in list_locales(session, deployment)}
    reports = {
        locale: enter_source_texts(session, deployment, catalog, locale, now=now)
        for locale in catalog.locales
        if locale in locales
    }
    # What was found on older source texts must not be counted on as if it were true of the new ones.
    check_outdated(session, deployment)
    return reports


def report_data(report: SourceReport) -> dict[str, Any]:
    """Return what an import did as plain values."""
    return {
        "snapshot": report.snapshot.number if report.snapshot else None,
        "same_as_current": report.same,
        "format": report.catalog.format,
        "locales": list(report.catalog.locales),
        **report.plan.counts(),
        "objections": list(report.plan.objections),
        "changed_texts": [
            {"key": change.key, "old": change.old, "new": change.new, "diff": show_word_diff(change.old, change.new)}
            for change in report.plan.changed
        ],
        "retired_keys": list(report.plan.retired),
        "moved_units": [{"old": pair.old, "new": pair.new} for pair in report.plan.moved],
        "texts_adopted": {locale: entry.counts() for locale, entry in report.adopted.items()},
        "texts_found": {locale: entry.counts() for locale, entry in report.texts.items()},
        "problems": [problem_data(problem) for problem in report.catalog.problems],
    }


def entry_data(report: EntryReport) -> dict[str, Any]:
    """Return what became of a batch of texts as plain values."""
    return {
        "taken": report.written,
        "outcomes": report.counts(),
        "listed": [
            {"key": text.key, "outcome": text.outcome.value, "ours": text.ours, "theirs": text.theirs}
            for text in report.listed
        ],
        "unknown_keys": report.unknown,
        "replaced_characters": report.replaced_characters,
    }
