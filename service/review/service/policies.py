"""What may overwrite what, for each way in, as :func:`service.review.service.entering.enter_texts` asks it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from extractors.units import Catalog
from service.audit.service import Actor, write_audit
from service.catalog.models import Origin, Translation, Unit
from service.catalog.queries import GOOD
from service.catalog.rules.drift import MovedUnit
from service.catalog.rules.overwrite import Outcome, decide_import, decide_pull, decide_source_text
from service.catalog.service.texts import sync_point
from service.deployments.models import Deployment
from service.review.service.conflicts import apply_conflict_policy
from service.review.service.entering import EntryReport, IncomingText, Standing, enter_texts


def enter_source_texts(
    session: Session, deployment: Deployment, catalog: Catalog, locale: str, *, now: datetime
) -> EntryReport:
    """Let in the texts of one locale that a source holds: they fill only pairs without a text. Author unknown."""
    incoming = (
        IncomingText(str(unit.key), unit.texts[locale]) for unit in catalog.translatable() if unit.texts.get(locale)
    )
    return enter_texts(session, deployment, locale, incoming, decide=_decide_source, origin=Origin.LIVE, now=now)


def _decide_source(standing: Standing, _text: IncomingText, theirs: str) -> Outcome:
    return decide_source_text(ours=standing.ours, theirs=theirs)


def enter_moved_texts(
    session: Session, deployment: Deployment, moved: Sequence[MovedUnit], locale: str, *, now: datetime
) -> EntryReport:
    """Fill units from those that stood for the same source text before, where nothing better is there.

    The texts count as translated, their authors keep them. What was rejected, or written on another source text, stays
    where it was.
    """
    query = (
        select(Unit.key, Translation)
        .join(Translation, col(Translation.unit_id) == Unit.id)
        .where(Unit.deployment_id == deployment.id, Translation.locale == locale)
        .where(col(Translation.state).in_(GOOD))
    )
    new_keys = {pair.old: pair.new for pair in moved}
    incoming = [
        IncomingText(new_keys[key], old.text or "", old.author_id, old.written_at)
        for key, old in session.exec(query)
        if key in new_keys
    ]
    return enter_texts(session, deployment, locale, incoming, decide=_decide_source, origin=Origin.INHERITED, now=now)


def import_translations(
    session: Session,
    deployment: Deployment,
    locale: str,
    texts: Mapping[str, str],
    *,
    replace_approved: bool,
    actor: Actor,
    now: datetime,
) -> EntryReport:
    """Let in the texts of a file, by key. Author unknown; what is approved or in conflict is listed and kept."""

    def decide(standing: Standing, _text: IncomingText, theirs: str) -> Outcome:
        return decide_import(
            ours=standing.ours,
            theirs=theirs,
            state=standing.translation.state,
            in_conflict=standing.in_conflict,
            replace_approved=replace_approved,
        )

    incoming = (IncomingText(key, text) for key, text in texts.items())
    report = enter_texts(session, deployment, locale, incoming, decide=decide, origin=Origin.IMPORT, now=now)
    write_audit(
        session, actor, "translations.import", now, deployment_id=deployment.id, subject=locale,
        detail={"replace_approved": replace_approved, **report.counts()},
    )  # fmt: skip
    return report


def enter_pulled_texts(
    session: Session, deployment: Deployment, locale: str, texts: list[IncomingText], *, now: datetime
) -> EntryReport:
    """Let in what Transifex holds, for retired units too; every text must carry ``pulled``.

    Where both sides changed, the deployment's policy may choose at once.
    """
    report = enter_texts(
        session, deployment, locale, texts, decide=_decide_pull, origin=Origin.TRANSIFEX, now=now, retired=True
    )
    apply_conflict_policy(session, deployment, locale, report, now=now)
    return report


def _decide_pull(standing: Standing, text: IncomingText, theirs: str) -> Outcome:
    assert text.pulled is not None
    return decide_pull(
        ours=standing.ours,
        theirs=replace(text.pulled, hash=theirs),
        last=sync_point(standing.translation),
        source_hash=standing.unit.source_hash,
        written_on=standing.translation.written_on,
        pushed_source_hash=standing.unit.pushed_source_hash,
        pushed_at=standing.unit.pushed_at,
        in_conflict=standing.in_conflict,
    )
