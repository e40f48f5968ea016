"""Teams, and who is in them for which language."""

from transifex_client.ids import language_id, membership_id, team_id, user_id
from transifex_client.sandbox import bodies
from transifex_client.sandbox.bodies import Schema, read_body
from transifex_client.sandbox.exchange import Exchange, stamp
from transifex_client.sandbox.http import Fault, Response, answer, to_many, to_one
from transifex_client.sandbox.languages import known_languages
from transifex_client.sandbox.projects import show_user
from transifex_client.sandbox.queries import answer_page, code_in, read_query
from transifex_client.sandbox.state import MembershipState, TeamState

_NEW_TEAM = Schema(
    kind="teams",
    attributes={
        "name": bodies.filled,
        "auto_join": bodies.boolean,
        "cla": bodies.text,
        "cla_required": bodies.boolean,
    },
    required=("name",),
    related={"organization": "organizations"},
    required_related=("organization",),
)
_ROLE = {"role": bodies.one_of("translator", "reviewer", "coordinator")}
_NEW_MEMBERSHIP = Schema(
    kind="team_memberships",
    attributes=_ROLE,
    required=("role",),
    related={"user": "users", "team": "teams", "language": "languages"},
    required_related=("user", "team", "language"),
)
_CHANGED_MEMBERSHIP = Schema(kind="team_memberships", attributes=_ROLE, required=("role",))


def list_teams(exchange: Exchange) -> Response:
    """Answer GET /teams."""
    query = read_query(exchange.request, required=("organization",), optional=("slug", "name"))
    organization = exchange.state.organization(query.filters["organization"])
    slug, name = query.filters.get("slug"), query.filters.get("name")
    found = [
        team
        for team in exchange.state.teams.values()
        if team.organization == organization.slug and slug in (None, team.slug) and name in (None, team.name)
    ]
    return answer_page(query, found, show_team)


def create_team(exchange: Exchange) -> Response:
    """Answer POST /teams, which says 200 where most creates say 201; the slug is made from the name."""
    body = read_body(exchange.request, _NEW_TEAM)
    organization = exchange.state.organization(body.related["organization"])
    given = body.attributes
    name = str(given["name"])
    slug = "-".join("".join(letter if letter.isascii() and letter.isalnum() else " " for letter in name).split())
    try:
        identifier = team_id(organization.slug, slug.lower())
    except ValueError:
        raise Fault(400, f"No slug can be made of '{name}'", pointer="/data/attributes/name") from None
    if identifier in exchange.state.teams:
        raise Fault(409, f"A team with the name '{name}' already exists", pointer="/data/attributes/name")
    team = TeamState(
        organization=organization.slug,
        slug=slug.lower(),
        name=name,
        created_at=exchange.now,
        auto_join=bool(given.get("auto_join", False)),
        cla_required=bool(given.get("cla_required", False)),
        cla=str(given.get("cla", "")),
    )
    exchange.state.teams[identifier] = team
    return answer({"data": show_team(team)})


def get_team(exchange: Exchange) -> Response:
    """Answer GET /teams/ID."""
    return answer({"data": show_team(exchange.state.team(exchange.id))})


def show_team(team: TeamState) -> object:
    """Return a team as JSON."""
    path = f"/teams/{team.id}"
    return {
        "type": "teams",
        "id": team.id,
        "attributes": {
            "name": team.name,
            "slug": team.slug,
            "auto_join": team.auto_join,
            "cla": team.cla,
            "cla_required": team.cla_required,
            "datetime_created": stamp(team.created_at),
        },
        "relationships": {
            "organization": to_one("organizations", f"o:{team.organization}"),
            "managers": to_many(path, "managers"),
        },
        "links": {"self": path},
    }


def list_memberships(exchange: Exchange) -> Response:
    """Answer GET /team_memberships."""
    query = read_query(
        exchange.request,
        required=("organization",),
        optional=("team", "language", "user", "role"),
        includes=("user",),
    )
    organization = exchange.state.organization(query.filters["organization"])
    user, language = query.known("user", "u:"), query.known("language", "l:")
    team, role = query.filters.get("team"), query.filters.get("role")
    if team is not None:
        exchange.state.team(team)
    found = [
        membership
        for membership in exchange.state.memberships.values()
        if membership.team.startswith(f"{organization.id}:")
        and team in (None, membership.team)
        and role in (None, membership.role)
        and user in (None, user_id(membership.user))
        and language in (None, language_id(membership.language))
    ]
    return answer_page(query, found, show_membership, include=lambda membership: show_user(membership.user))


def create_membership(exchange: Exchange) -> Response:
    """Answer POST /team_memberships: the person is in at once, though the real one may ask first."""
    body = read_body(exchange.request, _NEW_MEMBERSHIP)
    team, user = exchange.state.team(body.related["team"]), exchange.state.user(body.related["user"])
    language = code_in(body.related["language"], "language")
    if language not in known_languages():
        raise Fault(404, f"There is no language {language}.", pointer="/data/relationships/language")
    identifier = membership_id(team.id, language, user)
    if identifier in exchange.state.memberships:
        raise Fault(409, f"'{user}' is in the team for {language} already", pointer="/data/relationships/user")
    membership = MembershipState(team.id, language, user, str(body.attributes["role"]))
    exchange.state.memberships[identifier] = membership
    location = f"/team_memberships/{identifier}"
    return answer({"data": show_membership(membership)}, status=201, headers={"Location": location})


def get_membership(exchange: Exchange) -> Response:
    """Answer GET /team_memberships/ID."""
    return answer({"data": show_membership(exchange.state.membership(exchange.id))})


def change_membership(exchange: Exchange) -> Response:
    """Answer PATCH /team_memberships/ID: the role and nothing else."""
    membership = exchange.state.membership(exchange.id)
    body = read_body(exchange.request, _CHANGED_MEMBERSHIP, identifier=membership.id)
    membership.role = str(body.attributes["role"])
    return answer({"data": show_membership(membership)})


def delete_membership(exchange: Exchange) -> Response:
    """Answer DELETE /team_memberships/ID."""
    del exchange.state.memberships[exchange.state.membership(exchange.id).id]
    return Response(204)


def show_membership(membership: MembershipState) -> object:
    """Return a membership as JSON."""
    return {
        "type": "team_memberships",
        "id": membership.id,
        "attributes": {"role": membership.role},
        "relationships": {
            "user": to_one("users", user_id(membership.user)),
            "team": to_one("teams", membership.team),
            "language": to_one("languages", language_id(membership.language)),
        },
        "links": {"self": f"/team_memberships/{membership.id}"},
    }
