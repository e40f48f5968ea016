"""Telling other systems: events, up to where each locale was announced, and the addresses that are told

Revision: 0024
Follows: 0023
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

AutoString = sqlmodel.sql.sqltypes.AutoString
UTCDateTime = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("key", AutoString(length=36), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "translated",
                "approved",
                "signed-off",
                "released",
                name="announcement_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("locale", AutoString(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_announcement_deployment_id_deployment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
        sa.UniqueConstraint("key", name=op.f("uq_announcement_key")),
    )
    op.create_index("ix_announcement_place", "announcement", ["deployment_id", "id"])
    op.create_table(
        "announcement_mark",
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("locale", AutoString(length=20), nullable=False),
        sa.Column("translated", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Integer(), nullable=False),
        sa.Column("translated_at", UTCDateTime(), nullable=True),
        sa.Column("approved_at", UTCDateTime(), nullable=True),
        sa.Column("sign_off", sa.Integer(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_announcement_mark_deployment_id_deployment")
        ),
        sa.PrimaryKeyConstraint("deployment_id", "locale", name=op.f("pk_announcement_mark")),
    )
    op.create_table(
        "webhook_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("url", AutoString(length=1000), nullable=False),
        sa.Column("secret", AutoString(length=1000), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "on",
                "failed",
                "stopped",
                name="webhook_target_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("person_id", AutoString(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("ping", AutoString(length=36), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=False),
        sa.Column("delivered_at", UTCDateTime(), nullable=True),
        sa.Column("failing_since", UTCDateTime(), nullable=True),
        sa.Column("problem", AutoString(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_webhook_target_deployment_id_deployment")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_webhook_target_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_target")),
        sa.UniqueConstraint("deployment_id", "url", name="uq_webhook_target_url"),
    )


def downgrade() -> None:
    op.drop_table("webhook_target")
    op.drop_table("announcement_mark")
    op.drop_index("ix_announcement_place", table_name="announcement")
    op.drop_table("announcement")
