"""Who volunteers for which language, and who is in the team on Transifex

Revision: 0011
Follows: 0010
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ROLE = sa.Enum(
    "translator",
    "reviewer",
    "coordinator",
    name="volunteer_role",
    native_enum=False,
    create_constraint=True,
    length=40,
)


def upgrade() -> None:
    text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "volunteer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", text(), nullable=False),
        sa.Column("note", text(length=1000), nullable=False),
        sa.Column("registered_at", moment(), nullable=False),
        sa.Column("instructed_at", moment(), nullable=True),
        sa.Column("reminded_at", moment(), nullable=True),
        sa.Column("joined_at", moment(), nullable=True),
        sa.Column("left_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_volunteer_deployment_id_deployment")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_volunteer_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer")),
        sa.UniqueConstraint("deployment_id", "person_id", name="uq_volunteer_person"),
    )
    with op.batch_alter_table("volunteer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_volunteer_person_id"), ["person_id"], unique=False)
    op.create_table(
        "volunteer_language",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("locale", text(length=20), nullable=False),
        sa.Column("role", _ROLE, nullable=False),
        sa.Column("trouble", text(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_volunteer_language_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_language")),
        sa.UniqueConstraint("volunteer_id", "locale", name="uq_volunteer_language_locale"),
    )
    op.create_table(
        "team_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", text(), nullable=False),
        sa.Column("locale", text(length=20), nullable=False),
        sa.Column("role", text(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_team_member_deployment_id_deployment")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_team_member_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_member")),
        sa.UniqueConstraint("deployment_id", "person_id", "locale", name="uq_team_member_locale"),
    )
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_member_person_id"), ["person_id"], unique=False)
    op.create_table(
        "team_look",
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("team", text(length=400), nullable=False),
        sa.Column("looked_at", moment(), nullable=False),
        sa.CheckConstraint("team <> ''", name=op.f("ck_team_look_team_not_empty")),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_team_look_deployment_id_deployment")
        ),
        sa.PrimaryKeyConstraint("deployment_id", name=op.f("pk_team_look")),
    )


def downgrade() -> None:
    op.drop_table("team_look")
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_member_person_id"))
    op.drop_table("team_member")
    op.drop_table("volunteer_language")
    with op.batch_alter_table("volunteer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_volunteer_person_id"))
    op.drop_table("volunteer")
