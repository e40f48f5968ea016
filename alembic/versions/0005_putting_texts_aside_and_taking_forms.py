"""Putting texts aside and taking forms

Revision: 0005
Follows: 0004
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy import Text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("locale", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("record_key", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("given_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("taken_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_form_claim_deployment_id_deployment")
        ),
        sa.ForeignKeyConstraint(["given_by"], ["person.id"], name=op.f("fk_form_claim_given_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_form_claim_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_claim")),
        sa.UniqueConstraint("deployment_id", "locale", "record_key", name="uq_form_claim_one"),
    )
    with op.batch_alter_table("form_claim", schema=None) as batch_op:
        batch_op.create_index("ix_form_claim_person", ["person_id"], unique=False)

    op.create_table(
        "queue_skip",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("translation_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_queue_skip_person_id_person")),
        sa.ForeignKeyConstraint(
            ["translation_id"], ["translation.id"], name=op.f("fk_queue_skip_translation_id_translation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_skip")),
        sa.UniqueConstraint("person_id", "translation_id", name="uq_queue_skip_one"),
    )
    with op.batch_alter_table("queue_skip", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_queue_skip_translation_id"), ["translation_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("queue_skip", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_queue_skip_translation_id"))

    op.drop_table("queue_skip")
    with op.batch_alter_table("form_claim", schema=None) as batch_op:
        batch_op.drop_index("ix_form_claim_person")

    op.drop_table("form_claim")
