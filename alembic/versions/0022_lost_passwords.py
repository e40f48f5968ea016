"""Requests for a link to set a password, by letter

Revision: 0022
Follows: 0021
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "password_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("by_address", sa.Boolean(), nullable=False),
        sa.Column("name_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("caller_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_password_request_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_request")),
    )
    with op.batch_alter_table("password_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_password_request_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_password_request_created_at"), ["created_at"], unique=False)
        batch_op.create_index("ix_password_request_waiting", ["ended_at", "due_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("password_request", schema=None) as batch_op:
        batch_op.drop_index("ix_password_request_waiting")
        batch_op.drop_index(batch_op.f("ix_password_request_created_at"))
        batch_op.drop_index(batch_op.f("ix_password_request_account_id"))

    op.drop_table("password_request")
