"""What a bundle would change on an instance, kept for whoever asked

Revision: 0020
Follows: 0019
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "instance_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "diff", "apply", "rollback", name="look_kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("locale", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("release", sa.Integer(), nullable=True),
        sa.Column("of_run_id", sa.Integer(), nullable=True),
        sa.Column("against", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_instance_look_deployment_id_deployment")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["primero_instance.id"], name=op.f("fk_instance_look_instance_id_primero_instance")
        ),
        sa.ForeignKeyConstraint(
            ["of_run_id"], ["instance_run.id"], name=op.f("fk_instance_look_of_run_id_instance_run")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_instance_look_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance_look")),
    )
    with op.batch_alter_table("instance_look", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_instance_look_deployment_id"), ["deployment_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("instance_look", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_instance_look_deployment_id"))

    op.drop_table("instance_look")
