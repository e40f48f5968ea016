"""Comparing the team on Transifex with who is registered, and putting in who is missing there."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, select

from service.audit.service import Actor, write_audit
from service.auth.service.persons import get_or_create_person_by_transifex_username
from service.db import Database
from service.deployments.client import as_service_error, find_project, translate_errors
from service.deployments.models import Deployment
from service.deployments.service import list_locales
from service.errors import Refused
from service.volunteers.models import TeamLook, TeamMember, VolunteerLanguage
from service.volunteers.plan import Addition, Seen, TeamPlan, plan_team
from service.volunteers.queries import LOOK, list_registered
from service.volunteers.service import note_team
from transifex_client import TransifexClient
from transifex_client.errors import Conflict, TransifexError
from transifex_client.errors import NotFound as NotThere
from transifex_client.resources import NewTeamMembership, TeamRole

KIND = LOOK
"""The kind of job that does this."""


class NoTeam(Refused):
    """The project belongs to no team: there is nowhere to look, and nowhere to put anybody."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of putting somebody into the team; ``trouble`` is empty where it worked."""

    addition: Addition
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class TeamReport:
    """What a look at the team found, and what was done about it."""

    team: str
    plan: TeamPlan
    dry_run: bool
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def added(self) -> int:
        """Return how many memberships were made."""
        return sum(not attempt.trouble for attempt in self.attempts)


def reconcile(
    database: Database,
    client: TransifexClient,
    deployment: Deployment,
    *,
    own_users: Collection[str],
    actor: Actor,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    dry_run: bool = False,
    by_itself: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> TeamReport:
    """Look who is in the team of the project, keep that, and put in whoever is registered with a username.

    Nobody is taken out, no role is changed, and nobody who left by themselves is put in again. No transaction is open
    while Transifex is asked. ``by_itself``: nobody asked for it, so a project without a team is no trouble as long as
    nobody is registered; the report then names no team.

    Raises:
        Refused: there is no project, it has no team, or Transifex does not let us look.
        RemoteUnreachable: Transifex does not answer.
    """
    with database.read() as session:
        languages = {row.locale: row.transifex_language for row in list_locales(session, deployment)}
        registered = list_registered(session, deployment.id or 0)
    mapped = {locale: language for locale, language in languages.items() if language}
    try:
        team, seen = _fetch(client, deployment, {language: locale for locale, language in mapped.items()})
    except NoTeam:
        if registered or not by_itself:
            raise
        return TeamReport("", plan_team([], [], mapped, own_users=own_users), dry_run)
    plan = plan_team(registered, seen, mapped, own_users=own_users)
    if dry_run:
        return TeamReport(team, plan, dry_run)
    _keep(database, deployment, team, seen, plan, clock(), new_id, own_users)
    attempts = []
    for done, addition in enumerate(plan.additions):
        progress(done, len(plan.additions))
        attempts.append(_add(client, team, addition))
        _record(database, deployment, attempts[-1], clock(), new_id)
    report = TeamReport(team, plan, dry_run, attempts)
    if attempts or plan.joined or plan.gone:
        _audit(database, deployment, report, actor, clock())
    return report


def _fetch(client: TransifexClient, deployment: Deployment, locales: dict[str, str]) -> tuple[str, list[Seen]]:
    with translate_errors():
        project = client.get_project(find_project(deployment))
        if project.team is None:
            raise NoTeam(
                f"The project {project.slug} has no team on Transifex: give it one there (settings of the project, "
                "access), then repeat."
            )
        members = client.list_team_memberships(project.organization, team=project.team)
    return project.team, [
        Seen(each.username, locales[each.language], each.role) for each in members if each.language in locales
    ]


def _keep(
    database: Database,
    deployment: Deployment,
    team: str,
    seen: Collection[Seen],
    plan: TeamPlan,
    now: datetime,
    new_id: Callable[[], str],
    own_users: Collection[str],
) -> None:
    assert deployment.id is not None
    with database.write() as session:
        persons = {
            name: get_or_create_person_by_transifex_username(session, name, now, new_id())
            for name in sorted({each.username for each in seen} - set(own_users))
        }
        members = [(persons[each.username], each.locale, each.role) for each in seen if each.username in persons]
        note_team(session, deployment.id, members, plan.joined, plan.gone, now)
        look = session.get(TeamLook, deployment.id) or TeamLook(deployment_id=deployment.id, team=team, looked_at=now)
        look.team, look.looked_at = team, now
        session.add(look)


def _add(client: TransifexClient, team: str, wanted: Addition) -> Attempt:
    new = NewTeamMembership(team, wanted.username, wanted.language, TeamRole(wanted.role.value))
    try:
        client.create_team_membership(new)
    except Conflict:
        # In it already, or asked before and not answered yet.
        return Attempt(wanted)
    except NotThere:
        return Attempt(wanted, f"Nobody on Transifex has the username {wanted.username}: correct it here.")
    except TransifexError as error:
        return Attempt(wanted, as_service_error(error).message)
    return Attempt(wanted)


def _record(
    database: Database, deployment: Deployment, attempt: Attempt, now: datetime, new_id: Callable[[], str]
) -> None:
    wanted = attempt.addition
    assert deployment.id is not None
    with database.write() as session:
        row = _language(session, wanted)
        if row is not None:
            row.trouble = attempt.trouble[:1000]
            session.add(row)
        if not attempt.trouble:
            person = get_or_create_person_by_transifex_username(session, wanted.username, now, new_id())
            session.add(
                TeamMember(deployment_id=deployment.id, person_id=person, locale=wanted.locale, role=wanted.role.value)
            )


def _language(session: Session, wanted: Addition) -> VolunteerLanguage | None:
    query = select(VolunteerLanguage).where(
        VolunteerLanguage.volunteer_id == wanted.volunteer_id, VolunteerLanguage.locale == wanted.locale
    )
    return session.exec(query).first()


def _audit(database: Database, deployment: Deployment, report: TeamReport, actor: Actor, now: datetime) -> None:
    detail = {
        "added": report.added,
        "refused": len(report.attempts) - report.added,
        "joined": len(report.plan.joined),
        "gone": len(report.plan.gone),
    }
    with database.write() as session:
        write_audit(
            session, actor, "volunteer.reconcile", now,
            deployment_id=deployment.id, subject=deployment.slug, detail=detail,
        )  # fmt: skip
