"""Who volunteers for what. Names and addresses stand in ``person`` alone, where they can be erased."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field

from service.db import Table, enum_type
from service.volunteers.letters import LetterKind


class VolunteerRole(StrEnum):
    """What somebody does in one language, in Transifex's words."""

    TRANSLATOR = "translator"
    REVIEWER = "reviewer"
    COORDINATOR = "coordinator"


class Volunteer(Table, table=True):
    """A person who volunteers for a deployment.

    ``instructed_at`` is when the welcome went out, ``reminded_at`` the one reminder. ``joined_at`` is when the person
    was first seen in the team on Transifex, ``left_at`` when no more, or when somebody here said so. ``told_until`` is
    the last decision that the person was told of.
    """

    __tablename__ = "volunteer"
    __table_args__ = (UniqueConstraint("deployment_id", "person_id", name="uq_volunteer_person"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    person_id: str = Field(foreign_key="person.id", index=True)
    note: str = Field(default="", max_length=1000)
    registered_at: datetime
    instructed_at: datetime | None = None
    reminded_at: datetime | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    told_until: int = Field(default=0)


class VolunteerLanguage(Table, table=True):
    """A language somebody volunteers for. ``trouble`` says why Transifex did not take the person in, "" else."""

    __tablename__ = "volunteer_language"
    __table_args__ = (UniqueConstraint("volunteer_id", "locale", name="uq_volunteer_language_locale"),)

    id: int | None = Field(default=None, primary_key=True)
    volunteer_id: int = Field(foreign_key="volunteer.id")
    locale: str = Field(max_length=20)
    role: VolunteerRole = Field(sa_column=Column(enum_type(VolunteerRole, "volunteer_role"), nullable=False))
    trouble: str = Field(default="", max_length=1000)


class TeamMember(Table, table=True):
    """Who is in the team on Transifex for which language, as it was at the last look."""

    __tablename__ = "team_member"
    __table_args__ = (UniqueConstraint("deployment_id", "person_id", "locale", name="uq_team_member_locale"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    person_id: str = Field(foreign_key="person.id", index=True)
    locale: str = Field(max_length=20)
    role: str = Field(max_length=40)


class TeamLook(Table, table=True):
    """When the team of a deployment was last looked at, and what its id is on Transifex."""

    __tablename__ = "team_look"
    __table_args__ = (CheckConstraint("team <> ''", name="team_not_empty"),)

    deployment_id: int = Field(foreign_key="deployment.id", primary_key=True)
    team: str = Field(max_length=400)
    looked_at: datetime


class TeamSchedule(Table, table=True):
    """When the team of a deployment is next looked at by itself."""

    __tablename__ = "team_schedule"

    deployment_id: int = Field(foreign_key="deployment.id", primary_key=True)
    next_at: datetime


class LetterTemplate(Table, table=True):
    """A letter of a deployment's own; ``locale`` and ``role`` are "" where it is for all of them."""

    __tablename__ = "letter_template"
    __table_args__ = (UniqueConstraint("deployment_id", "kind", "locale", "role", name="uq_letter_template_place"),)

    id: int | None = Field(default=None, primary_key=True)
    deployment_id: int = Field(foreign_key="deployment.id")
    kind: LetterKind = Field(sa_column=Column(enum_type(LetterKind, "letter_kind"), nullable=False))
    locale: str = Field(max_length=20)
    role: str = Field(max_length=40)
    subject: str = Field(max_length=200)
    body: str = Field(max_length=10_000)
    changed_at: datetime


class PeopleSettings(Table, table=True):
    """What a deployment decides about people.

    ``show_numbers`` lets everybody who sees the deployment see what each translator did, by Transifex username.
    ``keep_months`` after leaving, or after the last text, a volunteer's name and address are erased; 0: kept.
    ``told_at`` is when people were last told what became of their texts.
    """

    __tablename__ = "people_settings"
    __table_args__ = (CheckConstraint("keep_months >= 0", name="months_not_negative"),)

    deployment_id: int = Field(foreign_key="deployment.id", primary_key=True)
    show_numbers: bool = Field(default=False)
    keep_months: int = Field(default=0)
    told_at: datetime | None = None
