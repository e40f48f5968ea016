"""Calls about people: users, teams, and who is in a team."""

from datetime import datetime, timedelta

from transifex_client.client.calls import Calls, filters, given, id_in_path, to_one, write_body
from transifex_client.ids import language_id, membership_id, user_id
from transifex_client.resources import (
    NewTeam,
    NewTeamMembership,
    Team,
    TeamMembership,
    TeamRole,
    User,
    read_team,
    read_team_membership,
    read_user,
)
from transifex_client.wire import Call, Deadline

# Our clock and Transifex's may differ.
_RECENT = timedelta(minutes=5)


class PeopleCalls(Calls):
    """Users, teams, memberships. Nobody can be invited by the API: a person needs a Transifex account first."""

    def get_user(self, username: str) -> User:
        """Return a person by user name; :class:`NotFound` when nobody has it."""
        return read_user(self._get(f"/users/{id_in_path(user_id(username))}", self._short()))

    def list_teams(self, organization: str, *, slug: str | None = None, name: str | None = None) -> tuple[Team, ...]:
        """Return the teams of an organization (its id)."""
        return self._list("/teams", filters(organization=organization, slug=slug, name=name), read_team)

    def create_team(self, new: NewTeam, *, now: datetime) -> Team:
        """Create a team and return it, with the slug that Transifex gave it.

        After a lost answer a team of this name that is about as old as ``now`` is taken for the one that was created.
        """
        attributes = given(name=new.name, auto_join=new.auto_join, cla_required=new.cla_required, cla=new.cla)
        related = {"organization": to_one("organizations", new.organization)}
        body = write_body({"type": "teams", "attributes": attributes, "relationships": related})
        # Transifex documents 200 here, and 201 for most other creates.
        call = Call("POST", "/teams", body=body, repeatable=False, expected=(200, 201))

        def find(deadline: Deadline) -> Team | None:
            query = filters(organization=new.organization, name=new.name)
            found = self._list_within(deadline, "/teams", query, read_team)
            recent = (team for team in found if team.created_at is None or team.created_at >= now - _RECENT)
            return next((team for team in recent if team.name == new.name), None)

        return self._create(call, read_team, find, guarded=False)

    def list_team_memberships(
        self,
        organization: str,
        *,
        team: str | None = None,
        language: str | None = None,
        username: str | None = None,
        role: TeamRole | None = None,
    ) -> tuple[TeamMembership, ...]:
        """Return who is in the teams of an organization (its id), or in one team (its id), with their user names."""
        query = filters(
            organization=organization,
            team=team,
            language=None if language is None else language_id(language),
            user=None if username is None else user_id(username),
            role=role,
        )
        return self._list("/team_memberships", query | {"include": "user"}, read_team_membership)

    def create_team_membership(self, new: NewTeamMembership) -> TeamMembership:
        """Put a person into a team for one language.

        :class:`Conflict` when the person is in it for that language already, :class:`PlanRequired` when the
        organization's plan has no place left. Whether the person is in at once or is asked first is not documented.
        """
        related = {
            "team": to_one("teams", new.team),
            "user": to_one("users", user_id(new.username)),
            "language": to_one("languages", language_id(new.language)),
        }
        attributes = {"role": new.role}
        body = write_body({"type": "team_memberships", "attributes": attributes, "relationships": related})
        call = Call("POST", "/team_memberships", body=body, repeatable=False, expected=(200, 201))
        link = f"/team_memberships/{id_in_path(membership_id(new.team, new.language, new.username))}"
        find = self._find(link, read_team_membership, lambda found: found.role == new.role)
        return self._create(call, read_team_membership, find, guarded=True)

    def update_team_membership(self, membership: str, *, role: TeamRole) -> TeamMembership:
        """Give a member (the membership's id) another role; nothing else of a membership can change."""
        return read_team_membership(self._change("team_memberships", membership, {"role": role}))

    def delete_team_membership(self, membership: str) -> None:
        """Take a person out of a team for one language (the membership's id)."""
        self._delete(f"/team_memberships/{id_in_path(membership)}")
