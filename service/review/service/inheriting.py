"""Filling a country variant (``ar-IQ``) from what is approved in its parent (``ar``).

Primero shows the default language where a variant has no text, never the parent's: so the texts have to be there, and
are approved in country like any others (checks.md and primero.md of the field).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from service.audit.service import Actor, write_audit
from service.catalog.models import Conflict, Decision, DecisionKind, Origin, State, Translation, Unit
from service.catalog.queries import in_scope
from service.catalog.rules.overwrite import Outcome, decide_inherited
from service.checks.locales import parent_locale
from service.deployments.models import Deployment
from service.deployments.service import find_locale, list_locales
from service.errors import BadInput, Refused
from service.review.service.entering import EntryReport, IncomingText, Standing, enter_texts


@dataclass(frozen=True, slots=True)
class Inherited:
    """What became of the approved texts of ``parent``: ``filled`` and ``renewed`` here, or left as they stand."""

    parent: str
    filled: int
    renewed: int
    equal: int
    kept: int

    def counts(self) -> dict[str, int]:
        """Return the numbers by name."""
        return {"filled": self.filled, "renewed": self.renewed, "equal": self.equal, "kept": self.kept}


def find_parent(session: Session, deployment: Deployment, locale: str) -> str | None:
    """Return the locale of the deployment that ``locale`` is a country variant of; None where there is none."""
    parent = parent_locale(locale)
    return parent if parent in {row.locale for row in list_locales(session, deployment)} else None


def inherit_translations(
    session: Session, deployment: Deployment, locale: str, *, actor: Actor, now: datetime
) -> Inherited:
    """Fill the texts that a country variant lacks with its parent's approved ones, as translated by their authors.

    A text that came this way before, and that nobody touched since, follows what is approved in the parent now. Every
    other text here stays. What is blocked or in conflict in the parent is no model.

    Raises:
        BadInput: the locale is no variant of another one that Primero has.
        Refused: the parent is not among the deployment's languages.
    """
    find_locale(session, deployment, locale)
    wanted = parent_locale(locale)
    if wanted is None:
        raise BadInput(f"{locale} is no country variant of a language that Primero has: there is nothing to fill from.")
    parent = find_parent(session, deployment, locale)
    if parent is None:
        raise Refused(f"{wanted} is not a language of this deployment: there is nothing to fill {locale} from.")
    once_approved = _once_approved(session, deployment, parent)

    def decide(standing: Standing, text: IncomingText, theirs: str) -> Outcome:
        return decide_inherited(
            ours=standing.ours,
            theirs=theirs,
            state=standing.translation.state,
            untouched=standing.translation.origin is Origin.INHERITED
            and standing.ours in once_approved[text.key]
            and not standing.translation.approvals
            and not standing.in_conflict,
        )

    texts = _approved(session, deployment, parent)
    report = enter_texts(session, deployment, locale, texts, decide=decide, origin=Origin.INHERITED, now=now)
    inherited = _summary(parent, report)
    write_audit(
        session, actor, "translations.inherit", now, deployment_id=deployment.id, subject=locale,
        detail={"parent": parent, **inherited.counts()},
    )  # fmt: skip
    return inherited


def _approved(session: Session, deployment: Deployment, parent: str) -> Iterator[IncomingText]:
    assert deployment.id is not None
    in_conflict = select(Conflict.unit_id).where(Conflict.locale == parent, col(Conflict.resolved_at).is_(None))
    query = (
        select(Unit.key, Translation)
        .join(Translation, col(Translation.unit_id) == Unit.id)
        .where(in_scope(deployment.id), Translation.locale == parent, Translation.state == State.APPROVED)
        .where(~col(Translation.blocked), col(Unit.id).not_in(in_conflict))
        .order_by(col(Unit.position))
    )
    for key, theirs in session.exec(query):
        yield IncomingText(key, theirs.text or "", theirs.author_id, theirs.written_at)


def _once_approved(session: Session, deployment: Deployment, parent: str) -> dict[str, set[str]]:
    """Return by key the hashes of texts that somebody approved in the parent: what may have come from there."""
    query = (
        select(Unit.key, Decision.text_hash)
        .join(Decision, col(Decision.unit_id) == Unit.id)
        .where(Unit.deployment_id == deployment.id, Decision.locale == parent, Decision.kind == DecisionKind.APPROVE)
        .distinct()
    )
    found: dict[str, set[str]] = defaultdict(set)
    for key, text_hash in session.exec(query):
        found[key].add(text_hash)
    return found


def _summary(parent: str, report: EntryReport) -> Inherited:
    outcomes: Counter[Outcome] = report.outcomes
    return Inherited(
        parent,
        filled=outcomes[Outcome.FILLED],
        renewed=outcomes[Outcome.REPLACED],
        equal=outcomes[Outcome.EQUAL],
        kept=outcomes[Outcome.KEPT_OTHER],
    )
