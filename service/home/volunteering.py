"""Volunteers as commands, API and pages tell of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlmodel import Session

from service.auth.rules import Identity, Permission
from service.catalog.access import open_deployment
from service.deployments.models import Deployment
from service.settings import Settings
from service.sync.service.arriving import own_usernames
from service.volunteers.models import VolunteerRole
from service.volunteers.plan import Outcome, PlannedRow
from service.volunteers.queries import Candidate, VolunteerView, list_candidates
from service.volunteers.rules import TRANSIFEX
from service.volunteers.service import ImportReport
from service.volunteers.tasks import TeamReport
from service.web.spreadsheets import Cell

HEAD = ("number", "name", "email", "transifex", "languages", "role", "state", "last text", "note")


def open_volunteers(session: Session, identity: Identity, slug: str, *, changing: bool = True) -> Deployment:
    """Return the deployment if whoever asks may see its volunteers: their names and addresses are nobody else's."""
    return open_deployment(session, identity, slug, Permission.VOLUNTEERS_MANAGE, changing=changing)


def volunteer_data(view: VolunteerView) -> dict[str, Any]:
    """Return one volunteer as plain values."""
    return {
        "id": view.id,
        "person": view.person_id,
        "name": view.name,
        "email": view.email,
        "transifex": view.transifex,
        "note": view.note,
        "languages": {locale: role.value for locale, role in view.languages.items()},
        "team": dict(view.team),
        "troubles": dict(view.troubles),
        "state": view.state.value,
        "registered_at": view.registered_at,
        "instructed_at": view.facts.instructed_at,
        "reminded_at": view.reminded_at,
        "joined_at": view.facts.joined_at,
        "left_at": view.facts.left_at,
        "wrote_at": view.facts.wrote_at,
    }


def volunteer_row(view: VolunteerView) -> list[Cell]:
    """Return one volunteer as a row of a table; the import takes it in again, one row for each role."""
    roles = sorted({role.value for role in view.languages.values()})
    return [
        view.id,
        view.name,
        view.email,
        view.transifex,
        " ".join(view.languages),
        roles[0] if len(roles) == 1 else " ".join(f"{locale}={role}" for locale, role in view.languages.items()),
        view.state.value,
        view.facts.wrote_at.date() if view.facts.wrote_at else None,
        view.note,
    ]


def candidate_data(candidate: Candidate) -> dict[str, Any]:
    """Return one candidate as plain values."""
    return {
        "username": candidate.username,
        "languages": dict(candidate.languages),
        "wrote_at": candidate.wrote_at,
    }


def find_candidates(session: Session, deployment: Deployment, settings: Settings) -> list[Candidate]:
    """Return who works on Transifex and is not registered."""
    own = own_usernames(deployment, settings.transifex_user)
    return list_candidates(session, deployment.id or 0, own_users=own)


def import_data(report: ImportReport) -> dict[str, Any]:
    """Return what an import of volunteers did as plain values."""
    return {
        "dry_run": report.dry_run,
        "rows": [row_data(row) for row in report.rows],
        **{outcome.value: report.count(outcome) for outcome in Outcome},
    }


def row_data(row: PlannedRow) -> dict[str, Any]:
    """Return the answer to one row as plain values."""
    return {"line": row.line, "who": row.label, "outcome": row.outcome.value, "why": row.why}


def team_data(report: TeamReport) -> dict[str, Any]:
    """Return what a comparison with the team found and did as plain values; volunteers by number."""
    plan = report.plan
    return {
        "team": report.team,
        "dry_run": report.dry_run,
        "additions": [
            {"volunteer": each.volunteer_id, "username": each.username, "locale": each.locale, "role": each.role.value}
            for each in plan.additions
        ],
        "added": report.added,
        "troubles": [
            {"volunteer": each.addition.volunteer_id, "locale": each.addition.locale, "why": each.trouble}
            for each in report.attempts
            if each.trouble
        ],
        "invitations": [{"volunteer": who, "locales": locales} for who, locales in plan.invitations.items()],
        "other_roles": [
            {"volunteer": each.volunteer_id, "locale": each.locale, "here": each.here.value, "there": each.there}
            for each in plan.other_roles
        ],
        "joined": plan.joined,
        "gone": plan.gone,
        "lingering": plan.lingering,
        "candidates": [{"username": name, "languages": found} for name, found in plan.candidates.items()],
        "unmapped": [{"volunteer": who, "locales": locales} for who, locales in plan.unmapped.items()],
    }


def parse_roles(languages: Iterable[str], role: VolunteerRole) -> dict[str, VolunteerRole]:
    """Return the role for each of these locales."""
    return dict.fromkeys(languages, role)


def invitation(view: VolunteerView, team: str | None, languages: Mapping[str, str]) -> str:
    """Return in words what a person has to do on Transifex for a volunteer without a username."""
    name = team.rpartition(":t:")[2] if team else "the project's team"
    wanted = ", ".join(f"{languages.get(locale, locale)} as {role.value}" for locale, role in view.languages.items())
    return (
        f"On {TRANSIFEX}, in the organization's teams, open {name}, choose Invite collaborators, and enter "
        f"{view.email}: {wanted}. When the account is there, the next look offers its name here."
    )


def states(views: Sequence[VolunteerView]) -> dict[str, int]:
    """Return how many volunteers stand how."""
    found: dict[str, int] = {}
    for view in views:
        found[view.state.value] = found.get(view.state.value, 0) + 1
    return found
