"""Volunteers in the database and on a Transifex: registering, comparing with the team, saying who somebody is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import col, select

from service.audit.models import AuditEntry
from service.audit.service import Actor
from service.auth.models import Account, Person
from service.catalog.models import Translation
from service.errors import BadInput, NotFound, Refused, RemoteUnreachable
from service.volunteers.models import TeamLook, Volunteer, VolunteerRole
from service.volunteers.plan import Outcome
from service.volunteers.queries import VolunteerView, list_candidates, list_volunteers
from service.volunteers.rules import VolunteerState
from service.volunteers.service import confirm_candidate, end_volunteer, register, set_languages
from service.volunteers.tasks import TeamReport, reconcile
from tests.support.syncing import BOT, World
from transifex_client.resources import NewTeam, NewTeamMembership, TeamRole
from transifex_client.wire import httpx

if TYPE_CHECKING:
    from service.db import Database
    from tests.support.people import MovableClock

KEY = "form/f/name"
BY = Actor("operator@host")


class Crowd:
    """A world with a team, and what people do about volunteers."""

    def __init__(self, world: World) -> None:
        self.world = world
        organization = world.client.get_project(world.project).organization
        self.team = world.client.create_team(NewTeam(organization, "Volunteers"), now=world.clock()).id
        world.sandbox.state.projects[world.project].team = self.team

    def register(self, *rows: dict[str, str], dry_run: bool = False) -> list[Outcome]:
        """Register volunteers; return what became of each row."""
        cells = [(number, {"languages": "fr", **row}) for number, row in enumerate(rows, start=2)]
        with self.world.database.write() as session:
            deployment = self.world.deployment_in(session)
            report = register(
                session, deployment, cells, dry_run=dry_run, actor=BY, now=self.world.clock(), new_id=self.world.new_id
            )
        return [row.outcome for row in report.rows]

    def look(self, **options: Any) -> TeamReport:
        """Compare with the team, an hour later."""
        self.world.clock.move(hours=1)
        return reconcile(
            self.world.database, self.world.client, self.world.deployment(), own_users=[BOT], actor=BY,
            clock=self.world.clock, new_id=self.world.new_id, **options,
        )  # fmt: skip

    def join(self, username: str, language: str = "fr", role: TeamRole = TeamRole.TRANSLATOR) -> None:
        """Let somebody be in the team."""
        self.world.sandbox.state.greet(username)
        self.world.client.create_team_membership(NewTeamMembership(self.team, username, language, role))

    def volunteers(self) -> list[VolunteerView]:
        """Return the volunteers."""
        with self.world.database.read() as session:
            return list_volunteers(session, self.world.deployment_in(session).id or 0, self.world.clock())

    def candidates(self) -> list[str]:
        """Return the usernames of the candidates."""
        with self.world.database.read() as session:
            found = list_candidates(session, self.world.deployment_in(session).id or 0, own_users=[BOT])
        return [each.username for each in found]

    def act(self, what: Callable[..., Any], *arguments: Any, **values: Any) -> Any:
        """Do something about a volunteer."""
        with self.world.database.write() as session:
            deployment = self.world.deployment_in(session)
            return what(session, deployment, *arguments, actor=BY, now=self.world.clock(), **values)


@pytest.fixture
def crowd(database: Database, clock: MovableClock) -> Crowd:
    """French volunteers for one text that is on Transifex."""
    world = World(database, clock, locales={"fr": "fr", "ar": None})
    world.bring({KEY: "Consent"})
    world.push()
    return Crowd(world)


def test_registering_twice_changes_nothing(crowd: Crowd) -> None:
    """A dry run neither; the second time every row is unchanged, and the audit has one entry for each person."""
    rows = ({"name": "Sara", "email": "sara@example.org"}, {"transifex": "omar"}, {"email": "no address"})
    assert crowd.register(*rows, dry_run=True) == [Outcome.ADDED, Outcome.ADDED, Outcome.REFUSED]
    assert crowd.volunteers() == []
    assert crowd.register(*rows) == [Outcome.ADDED, Outcome.ADDED, Outcome.REFUSED]
    before = crowd.volunteers()
    assert crowd.register(*rows) == [Outcome.UNCHANGED, Outcome.UNCHANGED, Outcome.REFUSED]
    assert crowd.volunteers() == before
    with crowd.world.database.read() as session:
        entries = session.exec(select(AuditEntry).where(AuditEntry.action == "volunteer.add")).all()
    assert len(entries) == 2
    assert "sara" not in repr(entries).casefold()


def test_the_service_puts_known_usernames_into_the_team(crowd: Crowd) -> None:
    """Once, with their role; after the next look they have joined. A dry run asks and changes nothing."""
    crowd.world.sandbox.state.greet("omar")
    crowd.register({"transifex": "omar", "role": "reviewer"}, {"email": "sara@example.org"})
    planned = crowd.look(dry_run=True)
    assert [each.username for each in planned.plan.additions] == ["omar"]
    assert list(planned.plan.invitations.values()) == [["fr"]]
    assert crowd.world.sandbox.state.memberships == {}
    assert crowd.look().added == 1
    (membership,) = crowd.world.sandbox.state.memberships.values()
    assert (membership.user, membership.language, membership.role) == ("omar", "fr", "reviewer")
    assert crowd.volunteers()[0].team == {"fr": "reviewer"}
    assert crowd.look().attempts == []
    assert [each.state for each in crowd.volunteers()] == [VolunteerState.JOINED, VolunteerState.REGISTERED]


def test_a_username_that_nobody_has_is_told_and_tried_again(crowd: Crowd) -> None:
    """One bad name keeps no other out; corrected on Transifex, the next look takes the person in."""
    crowd.world.sandbox.state.greet("omar")
    crowd.register({"transifex": "nobody"}, {"transifex": "omar"})
    report = crowd.look()
    assert (report.added, len(report.attempts)) == (1, 2)
    assert "Nobody on Transifex has the username nobody" in crowd.volunteers()[0].troubles["fr"]
    crowd.world.sandbox.state.greet("nobody")
    assert crowd.look().added == 1
    assert crowd.volunteers()[0].troubles == {}


def test_who_left_the_team_is_not_put_back(crowd: Crowd) -> None:
    """Left, and left alone, until they come back by themselves or are registered anew."""
    crowd.world.sandbox.state.greet("omar")
    crowd.register({"transifex": "omar"})
    crowd.look()
    crowd.look()
    crowd.world.sandbox.state.memberships.clear()
    crowd.look()
    assert crowd.volunteers()[0].state is VolunteerState.LEFT
    assert crowd.look().attempts == []
    crowd.join("omar")
    crowd.look()
    assert crowd.volunteers()[0].state is VolunteerState.JOINED


def test_new_usernames_are_offered_until_a_person_says_who_they_are(crowd: Crowd) -> None:
    """Members of the team and authors of texts; whoever is registered or ours is none."""
    crowd.join("amina")
    crowd.join(BOT)
    crowd.world.translate({KEY: "Consentement"}, by="omar")
    crowd.world.pull()
    crowd.look()
    assert crowd.candidates() == ["omar", "amina"]
    view = crowd.act(confirm_candidate, "amina", volunteer_id=None, languages={})
    assert (view.transifex, view.languages, view.state) == (
        "amina",
        {"fr": VolunteerRole.TRANSLATOR},
        VolunteerState.JOINED,
    )
    with pytest.raises(BadInput, match="Name the languages of omar"):
        crowd.act(confirm_candidate, "omar", volunteer_id=None, languages={})
    with pytest.raises(Refused, match="a volunteer here already"):
        crowd.act(confirm_candidate, "amina", volunteer_id=None, languages={})
    with pytest.raises(NotFound, match="Nobody by the name"):
        crowd.act(confirm_candidate, "unheard", volunteer_id=None, languages={})
    assert crowd.candidates() == ["omar"]


def test_somebody_registered_by_address_turns_out_to_be_a_translator(crowd: Crowd) -> None:
    """The texts keep their author, who now has the name and the address; nobody is there twice."""
    crowd.register({"name": "Omar", "email": "omar@example.org"})
    crowd.world.translate({KEY: "Consentement"}, by="omar")
    crowd.world.pull()
    (registered,) = crowd.volunteers()
    view = crowd.act(confirm_candidate, "omar", volunteer_id=registered.id, languages={})
    assert (view.id, view.name, view.email, view.transifex) == (registered.id, "Omar", "omar@example.org", "omar")
    assert view.state is VolunteerState.ACTIVE
    assert crowd.candidates() == []
    with crowd.world.database.read() as session:
        assert (
            session.exec(select(Translation.author_id).where(col(Translation.author_id).is_not(None))).one()
            == view.person_id
        )
        addresses = session.exec(select(Person).where(Person.email == "omar@example.org")).all()
    assert len(addresses) == 1
    # The same row with both is then nothing new.
    assert crowd.register({"email": "omar@example.org", "transifex": "omar"}) == [Outcome.UNCHANGED]


def test_a_file_with_both_names_makes_the_two_one(crowd: Crowd) -> None:
    """Registered by address, seen as an author; the next file names both."""
    crowd.register({"email": "omar@example.org"})
    crowd.world.translate({KEY: "Consentement"}, by="omar")
    crowd.world.pull()
    assert crowd.register({"email": "omar@example.org", "transifex": "omar"}) == [Outcome.CHANGED]
    assert [each.transifex for each in crowd.volunteers()] == ["omar"]
    assert crowd.register({"email": "omar@example.org", "transifex": "omar"}) == [Outcome.UNCHANGED]


def test_a_reviewer_with_an_account_is_not_made_another_person(crowd: Crowd) -> None:
    """Decisions name the account's person: the two stay two, and it is said what to do."""
    crowd.register({"email": "omar@example.org"})
    (registered,) = crowd.volunteers()
    with crowd.world.database.write() as session:
        session.add(Account(person_id=registered.person_id, username="omar", created_at=crowd.world.clock()))
    crowd.join("omar")
    crowd.look()
    with pytest.raises(Refused, match="signs in here"):
        crowd.act(confirm_candidate, "omar", volunteer_id=registered.id, languages={})


def test_languages_are_set_anew_and_somebody_taken_out_stays_out(crowd: Crowd) -> None:
    """Another deployment's volunteer is not there; who was taken out is named while the team has the name."""
    crowd.join("omar")
    crowd.register({"transifex": "omar"})
    crowd.look()
    (one,) = crowd.volunteers()
    crowd.act(set_languages, one.id, {"ar": VolunteerRole.REVIEWER})
    assert crowd.volunteers()[0].languages == {"ar": VolunteerRole.REVIEWER}
    with pytest.raises(BadInput, match="de is no language"):
        crowd.act(set_languages, one.id, {"de": VolunteerRole.REVIEWER})
    crowd.act(end_volunteer, one.id)
    with pytest.raises(Refused):
        crowd.act(end_volunteer, one.id)
    with pytest.raises(NotFound):
        crowd.act(end_volunteer, one.id + 100)
    assert crowd.look().plan.lingering == [one.id]
    assert crowd.volunteers()[0].state is VolunteerState.LEFT


def test_a_project_without_a_team_says_so(crowd: Crowd) -> None:
    """There is nowhere to put anybody."""
    crowd.world.sandbox.state.projects[crowd.world.project].team = None
    with pytest.raises(Refused, match="has no team"):
        crowd.look()


def test_a_transifex_that_breaks_off_changes_nothing(crowd: Crowd) -> None:
    """Who was in the team at the last look stays known."""
    crowd.join("omar")
    crowd.register({"transifex": "omar"})
    crowd.look()

    def broken(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(503) if "team_memberships" in request.url.path else None

    crowd.world.intercept = broken
    with pytest.raises(RemoteUnreachable):
        crowd.look()
    with crowd.world.database.read() as session:
        assert session.exec(select(Volunteer.joined_at)).one() is not None
        assert session.exec(select(TeamLook)).one().team == crowd.team
    assert crowd.volunteers()[0].team == {"fr": "translator"}
