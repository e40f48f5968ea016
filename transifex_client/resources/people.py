"""People: users, teams, and who is in a team for which language with which role."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from transifex_client.documents import Item
from transifex_client.resources.shared import language_of, username_of


class TeamRole(StrEnum):
    """What a member of a team may do in one language."""

    TRANSLATOR = "translator"
    REVIEWER = "reviewer"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class User:
    """A person on Transifex; the API tells no more than the name."""

    id: str
    username: str


@dataclass(frozen=True, slots=True)
class Team:
    """A team: the people who may work on the projects it is given to. ``auto_join``: nobody has to let them in."""

    id: str
    slug: str
    name: str
    organization: str
    auto_join: bool = False
    cla_required: bool = False
    cla: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewTeam:
    """What it takes to create a team. ``organization`` is an id; Transifex makes the slug from the name.

    ``cla`` is the text of an agreement that members accept, ``cla_required`` whether they must.
    """

    organization: str
    name: str
    auto_join: bool = False
    cla_required: bool = False
    cla: str | None = None


@dataclass(frozen=True, slots=True)
class TeamMembership:
    """One person in one team for one language. ``role`` is one of :class:`TeamRole`, or one that we do not know yet."""

    id: str
    team: str
    username: str
    language: str
    role: str


@dataclass(frozen=True, slots=True)
class NewTeamMembership:
    """What it takes to put a person into a team (its id). The person must have a Transifex account already."""

    team: str
    username: str
    language: str
    role: TeamRole = TeamRole.TRANSLATOR


def read_user(item: Item) -> User:
    """Return the user in an answer."""
    return User(item.id, item.text("username"))


def read_team(item: Item) -> Team:
    """Return the team in an answer."""
    return Team(
        id=item.id,
        slug=item.text("slug"),
        name=item.text("name"),
        organization=item.related("organization"),
        auto_join=item.flag("auto_join"),
        cla_required=item.flag("cla_required"),
        cla=item.text_or_none("cla"),
        created_at=item.moment("datetime_created", "date_created"),
    )


def read_team_membership(item: Item) -> TeamMembership:
    """Return the membership in an answer; the user name comes from the included user where there is one."""
    user = item.included_or_none("user")
    username = user.text_or_none("username") if user is not None else None
    return TeamMembership(
        id=item.id,
        team=item.related("team"),
        username=username or username_of(item, "user") or item.wrong("user", "relationship"),
        language=language_of(item),
        role=item.text("role"),
    )
