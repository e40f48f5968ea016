"""Teams and memberships, by the client against the sandbox."""

import json
from datetime import timedelta

import pytest

from tests.transifex_client.conftest import TOKEN, Ask, Clock, Dropping, MakeClient
from transifex_client import Configuration, TransifexClient
from transifex_client.errors import BadRequest, Conflict, NotFound, PlanRequired, UnexpectedAnswer
from transifex_client.ids import membership_id, team_id
from transifex_client.resources import NewProject, NewTeam, NewTeamMembership, TeamMembership, TeamRole
from transifex_client.sandbox.core import Sandbox
from transifex_client.sandbox.transport import sandbox_transport
from transifex_client.wire import httpx

ORGANIZATION = "o:sandbox"
TEAM = team_id("sandbox", "volunteers")
AMINA = NewTeamMembership(TEAM, "amina", "so")


@pytest.fixture
def team(client: TransifexClient, clock: Clock, sandbox: Sandbox) -> str:
    for name in ("amina", "omar"):
        sandbox.add_user(name)
    return client.create_team(NewTeam(ORGANIZATION, "Volunteers"), now=clock.now).id


def people(memberships: tuple[TeamMembership, ...]) -> list[tuple[str, str, str]]:
    return [(each.username, each.language, each.role) for each in memberships]


def test_a_team_is_created_and_found(client: TransifexClient, clock: Clock) -> None:
    """A team comes back as it was made, with the slug that was made of its name."""
    made = client.create_team(
        NewTeam(ORGANIZATION, "Somali & Oromo", auto_join=True, cla_required=True, cla="I agree"), now=clock.now
    )
    assert (made.id, made.slug, made.organization) == ("o:sandbox:t:somali-oromo", "somali-oromo", ORGANIZATION)
    assert (made.auto_join, made.cla_required, made.cla, made.created_at) == (True, True, "I agree", clock.now)
    client.create_team(NewTeam(ORGANIZATION, "Others"), now=clock.now)
    assert client.list_teams(ORGANIZATION, slug="somali-oromo") == (made,)
    assert [team.name for team in client.list_teams(ORGANIZATION, name="Others")] == ["Others"]
    assert len(client.list_teams(ORGANIZATION)) == 2


def test_a_project_can_be_given_to_a_team(client: TransifexClient, team: str) -> None:
    """A new project names its team, which must be there."""
    assert client.create_project(NewProject(ORGANIZATION, "a", "A", team=team)).team == team
    with pytest.raises(NotFound):
        client.create_project(NewProject(ORGANIZATION, "b", "B", team=f"{team}x"))


def test_a_second_team_of_one_name_is_a_conflict(client: TransifexClient, clock: Clock, team: str) -> None:
    """What is there before the first attempt is not ours."""
    with pytest.raises(Conflict):
        client.create_team(NewTeam(ORGANIZATION, "Volunteers"), now=clock.now)


@pytest.mark.parametrize("late", [True, False])
def test_a_team_whose_answer_is_lost_is_created_once(
    make_client: MakeClient, sandbox: Sandbox, clock: Clock, late: bool
) -> None:
    """A team is looked up by its name before it is created again, also when the request was only late."""
    transport = Dropping(sandbox, carried_out=True, trouble=httpx.ReadError("x"), late=late)
    made = make_client(transport).create_team(NewTeam(ORGANIZATION, "Volunteers"), now=clock.now)
    assert (made.id, transport.posts) == (TEAM, 1)


def test_an_old_team_is_not_taken_for_the_lost_one(
    make_client: MakeClient, sandbox: Sandbox, clock: Clock, team: str
) -> None:
    """A team that was there long before is somebody else's: creating it is a conflict."""
    clock.now += timedelta(hours=1)
    transport = Dropping(sandbox, carried_out=False, trouble=httpx.ReadError("x"))
    with pytest.raises(Conflict):
        make_client(transport, deadline=30).create_team(NewTeam(ORGANIZATION, "Volunteers"), now=clock.now)


def test_a_redirect_of_a_create_made_nothing(
    make_client: MakeClient, sandbox: Sandbox, clock: Clock, team: str
) -> None:
    """Only a success that cannot be read is looked for: an equal team that was there is not taken for a new one."""
    transport = Dropping(sandbox, carried_out=False, trouble=httpx.Response(307))
    with pytest.raises(UnexpectedAnswer):
        make_client(transport).create_team(NewTeam(ORGANIZATION, "Volunteers"), now=clock.now)


def test_people_are_in_a_team_for_a_language(client: TransifexClient, team: str) -> None:
    """A membership names team, person, language and role; its id is made of the first three."""
    made = client.create_team_membership(AMINA)
    assert made == TeamMembership(membership_id(team, "so", "amina"), team, "amina", "so", "translator")
    client.create_team_membership(NewTeamMembership(team, "amina", "fr", TeamRole.REVIEWER))
    client.create_team_membership(NewTeamMembership(team, "omar", "ar", TeamRole.COORDINATOR))

    def found(**filters: object) -> list[tuple[str, str, str]]:
        return people(client.list_team_memberships(ORGANIZATION, **filters))  # type: ignore[arg-type]

    omar = ("omar", "ar", "coordinator")
    assert found() == [("amina", "so", "translator"), ("amina", "fr", "reviewer"), omar]
    assert found(team=team) == found()
    assert found(username="omar") == found(role=TeamRole.COORDINATOR) == found(language="ar") == [omar]
    assert found(username="omar", language="fr") == []
    with pytest.raises(NotFound):
        found(team=f"{team}x")


def test_names_come_with_the_included_users(client: TransifexClient, ask: Ask, team: str) -> None:
    """The list asks for the users along with the memberships; each is there once."""
    for language in ("so", "fr"):
        client.create_team_membership(NewTeamMembership(team, "amina", language))
    document = ask("GET", f"/team_memberships?filter[organization]={ORGANIZATION}&include=user").json()
    assert isinstance(document, dict)
    assert [each["attributes"]["username"] for each in document["included"]] == ["amina"]

    def renamed(request: httpx.Request) -> httpx.Response:
        assert request.url.params["include"] == "user"
        document["included"][0]["attributes"]["username"] = "Amina"
        return httpx.Response(200, json=document)

    with TransifexClient(Configuration(TOKEN), transport=httpx.MockTransport(renamed)) as other:
        assert {each.username for each in other.list_team_memberships(ORGANIZATION)} == {"Amina"}
    document["data"] = document["data"][:1]
    document.pop("included")
    with TransifexClient(
        Configuration(TOKEN), transport=httpx.MockTransport(lambda _: httpx.Response(200, json=document))
    ) as plain:
        assert people(plain.list_team_memberships(ORGANIZATION)) == [("amina", "so", "translator")]


def test_a_role_can_change_and_a_membership_can_end(client: TransifexClient, team: str) -> None:
    """A member gets another role, and then leaves."""
    made = client.create_team_membership(AMINA)
    assert client.update_team_membership(made.id, role=TeamRole.REVIEWER).role == "reviewer"
    client.delete_team_membership(made.id)
    assert client.list_team_memberships(ORGANIZATION) == ()
    with pytest.raises(NotFound):
        client.delete_team_membership(made.id)


@pytest.mark.parametrize("trouble", [httpx.ReadError("x"), httpx.Response(500)])
@pytest.mark.parametrize("carried_out", [True, False])
def test_a_delete_whose_answer_is_lost_is_done(
    make_client: MakeClient, client: TransifexClient, sandbox: Sandbox, team: str, trouble: object, carried_out: bool
) -> None:
    """A delete is sent again, and that there is nothing left to delete is then no error."""
    made = client.create_team_membership(AMINA)
    transport = Dropping(sandbox, carried_out=carried_out, trouble=trouble, method="DELETE")
    make_client(transport).delete_team_membership(made.id)
    assert (sandbox.state.memberships, transport.posts) == ({}, 2)


def test_a_membership_whose_answer_is_lost_is_created_once(
    make_client: MakeClient, sandbox: Sandbox, team: str
) -> None:
    """A membership is looked up by its id before it is created again."""
    transport = Dropping(sandbox, carried_out=True, trouble=httpx.ReadError("x"))
    assert make_client(transport).create_team_membership(AMINA).username == "amina"
    assert transport.posts == 1


def test_a_membership_of_another_role_is_a_conflict(make_client: MakeClient, sandbox: Sandbox, team: str) -> None:
    """Somebody who is in the team already keeps the role; a lost answer does not hide that."""
    make_client(sandbox_transport(sandbox)).create_team_membership(AMINA)
    reviewer = NewTeamMembership(TEAM, "amina", "so", TeamRole.REVIEWER)
    with pytest.raises(Conflict):
        make_client(sandbox_transport(sandbox)).create_team_membership(reviewer)
    transport = Dropping(sandbox, carried_out=False, trouble=httpx.ReadError("x"))
    with pytest.raises(Conflict):
        make_client(transport, deadline=30).create_team_membership(reviewer)


@pytest.mark.parametrize("status", [402, 403])
def test_a_plan_without_room_is_told_apart(client: TransifexClient, sandbox: Sandbox, team: str, status: int) -> None:
    """402, and 403 that speaks of the plan, are one error of their own; reading goes on."""
    sandbox.settings.withheld["team_memberships"] = status
    with pytest.raises(PlanRequired) as caught:
        client.create_team_membership(AMINA)
    assert caught.value.status == status
    assert client.list_team_memberships(ORGANIZATION) == ()


@pytest.mark.parametrize(
    "new",
    [
        NewTeamMembership(TEAM, "nobody", "so"),
        NewTeamMembership(f"{TEAM}x", "amina", "so"),
        NewTeamMembership(TEAM, "amina", "xx"),
    ],
)
def test_unknown_people_teams_and_languages_are_not_found(
    client: TransifexClient, team: str, new: NewTeamMembership
) -> None:
    """Nobody can be put into a team who has no account, and into none that is not there."""
    with pytest.raises(NotFound):
        client.create_team_membership(new)


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        ("teams", {}),
        ("teams", {"name": ""}),
        ("teams", {"name": "!"}),
        ("teams", {"name": "A", "slug": "a"}),
        ("team_memberships", {}),
        ("team_memberships", {"role": "owner"}),
        ("team_memberships", {"role": "translator", "since": "today"}),
    ],
)
def test_bodies_must_be_what_the_schema_allows(ask: Ask, team: str, kind: str, attributes: dict[str, object]) -> None:
    """Unknown, missing and wrong attributes are refused."""
    related = {
        "teams": {"organization": {"data": {"type": "organizations", "id": ORGANIZATION}}},
        "team_memberships": {
            "team": {"data": {"type": "teams", "id": team}},
            "user": {"data": {"type": "users", "id": "u:amina"}},
            "language": {"data": {"type": "languages", "id": "l:so"}},
        },
    }
    data = {"type": kind, "attributes": attributes, "relationships": related[kind]}
    assert ask("POST", f"/{kind}", json.dumps({"data": data}).encode()).status == 400


@pytest.mark.parametrize("what", ["user=amina", "language=so", "colour=red"])
def test_wrong_filters_are_refused(ask: Ask, team: str, what: str) -> None:
    """Filters hold full ids, and only the known ones are taken."""
    name, _, value = what.partition("=")
    assert ask("GET", f"/team_memberships?filter[organization]={ORGANIZATION}&filter[{name}]={value}").status == 400


def test_a_role_must_be_one(client: TransifexClient, team: str, ask: Ask) -> None:
    """Only the role of a membership can change, and only to one that there is."""
    made = client.create_team_membership(AMINA)
    data = {"type": "team_memberships", "id": made.id, "attributes": {"role": "owner"}}
    assert ask("PATCH", f"/team_memberships/{made.id}", json.dumps({"data": data}).encode()).status == 400
    with pytest.raises(BadRequest):
        client.update_team_membership(made.id, role="owner")  # type: ignore[arg-type]


def test_ids_of_teams_are_checked() -> None:
    """A slug or name never smuggles another id into an id."""
    with pytest.raises(ValueError, match="slug of a team"):
        team_id("sandbox", "a:l:so")
    with pytest.raises(ValueError, match="user name"):
        membership_id(TEAM, "so", "a:b")
