"""Runs hold a lease, and keep what they did item by item

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sync_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owner", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True))
        batch_op.add_column(sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.create_table(
        "sync_run_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["sync_run.id"], name=op.f("fk_sync_run_item_run_id_sync_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_run_item")),
    )
    with op.batch_alter_table("sync_run_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sync_run_item_run_id"), ["run_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("sync_run_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sync_run_item_run_id"))
    op.drop_table("sync_run_item")
    with op.batch_alter_table("sync_run", schema=None) as batch_op:
        batch_op.drop_column("lease_until")
        batch_op.drop_column("owner")
