"""A deployment may state what becomes of texts that changed on both sides

Revision: 0004
Follows: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In SQL, as alembic would add the column without its CHECK; both databases understand this.
    op.execute(
        "ALTER TABLE deployment ADD COLUMN conflict_policy VARCHAR(40) DEFAULT 'ask' NOT NULL "
        "CONSTRAINT ck_deployment_conflict_policy CHECK (conflict_policy IN ('ask', 'keep-ours', 'take-theirs'))"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE deployment DROP COLUMN conflict_policy")
