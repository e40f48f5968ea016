"""What the API and the command line both tell of a glossary and of sensitive wording."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlmodel import Session, select

from service.auth.rules import Identity
from service.catalog.models import Unit
from service.catalog.queries import in_scope
from service.catalog.rules.wording import term_key
from service.catalog.service.wording_terms import list_wording_rules, load_pack, load_wording
from service.checks.service.glossary import RowAnswer
from service.deployments.models import Deployment
from service.deployments.service import list_deployments


def describe_wording(session: Session, deployment: Deployment) -> dict[str, Any]:
    """Return the sensitive terms in force with how many units in scope have each, as plain values."""
    assert deployment.id is not None
    wording = load_wording(session, deployment.id)
    rows = session.exec(select(Unit.source, Unit.sensitive).where(in_scope(deployment.id))).all()
    counts: Counter[str] = Counter()
    for source, _ in rows:
        counts.update(wording.find(source))
    last = {term_key(rule.term): rule for rule in list_wording_rules(session, deployment.id)}
    return {
        "pack_version": load_pack().version,
        "sensitive_units": sum(1 for _, sensitive in rows if sensitive),
        "total_units": len(rows),
        "added": [rule.term for rule in last.values() if rule.added],
        "removed": [rule.term for rule in last.values() if not rule.added],
        "terms": [
            {
                "term": term.term,
                "forms": list(term.forms),
                "exceptions": list(term.exceptions),
                "reason": term.reason,
                "units": counts[term.term],
            }
            for term in wording.terms
        ],
    }


def import_data(rows: Sequence[RowAnswer], *, dry_run: bool) -> dict[str, Any]:
    """Return what a file did to the glossary as plain values."""
    counts: Counter[str] = Counter(row.outcome for row in rows)
    outcomes = ("added", "changed", "unchanged", "refused")
    return {"dry_run": dry_run, **{name: counts[name] for name in outcomes}, "rows": [asdict(row) for row in rows]}


def visible_deployments(session: Session, identity: Identity) -> list[int]:
    """Return the ids of the deployments that somebody may see."""
    return [row.id for row in list_deployments(session) if row.id is not None and identity.can_see(row.id)]
