"""What people who review say to each other about a text

Revision: 0018
Follows: 0017
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "text_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("locale", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_text_comment_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_text_comment_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_comment")),
    )
    with op.batch_alter_table("text_comment", schema=None) as batch_op:
        batch_op.create_index("ix_text_comment_text", ["unit_id", "locale"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("text_comment", schema=None) as batch_op:
        batch_op.drop_index("ix_text_comment_text")

    op.drop_table("text_comment")
