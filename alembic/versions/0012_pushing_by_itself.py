"""Whether a deployment is pushed by itself

Revision: 0012
Follows: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE deployment ADD COLUMN push_by_itself BOOLEAN DEFAULT true NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE deployment DROP COLUMN push_by_itself")
