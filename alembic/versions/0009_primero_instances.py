"""Primero instances, and what was written to each

Revision: 0009
Follows: 0008
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "primero_instance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("url", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column(
            "sign_in",
            sa.Enum("basic", "session", "bearer", name="sign_in", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("username", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("secret", sqlmodel.sql.sqltypes.AutoString(length=20000), nullable=False),
        sa.Column("training", sa.Boolean(), nullable=False),
        sa.Column("refused_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("removed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_primero_instance_deployment_id_deployment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_primero_instance")),
    )
    with op.batch_alter_table("primero_instance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_primero_instance_deployment_id"), ["deployment_id"], unique=False)
        batch_op.create_index(
            "uq_primero_instance_name",
            ["deployment_id", "name"],
            unique=True,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )

    op.create_table(
        "instance_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "apply", "rollback", name="instance_run_kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "running",
                "done",
                "stopped",
                "given-up",
                name="instance_run_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("locale", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("bundle", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("release", sa.Integer(), nullable=True),
        sa.Column("preview", sa.Boolean(), nullable=False),
        sa.Column("of_run_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("outside", sa.JSON(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("message", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("owner", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["primero_instance.id"], name=op.f("fk_instance_run_instance_id_primero_instance")
        ),
        sa.ForeignKeyConstraint(
            ["of_run_id"], ["instance_run.id"], name=op.f("fk_instance_run_of_run_id_instance_run")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_instance_run_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance_run")),
    )
    with op.batch_alter_table("instance_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_instance_run_instance_id"), ["instance_id"], unique=False)

    op.create_table(
        "instance_run_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("record_key", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "sending",
                "written",
                "changed-there",
                "refused",
                "differs",
                name="write_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["instance_run.id"], name=op.f("fk_instance_run_record_run_id_instance_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance_run_record")),
        sa.UniqueConstraint("run_id", "position", name="uq_instance_run_record_position"),
    )


def downgrade() -> None:

    op.drop_table("instance_run_record")
    with op.batch_alter_table("instance_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_instance_run_instance_id"))

    op.drop_table("instance_run")
    with op.batch_alter_table("primero_instance", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_primero_instance_name",
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_primero_instance_deployment_id"))

    op.drop_table("primero_instance")
