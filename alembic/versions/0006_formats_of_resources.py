"""The format in which a deployment's texts are sent to Transifex

Revision: 0006
Follows: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In plain SQL, which both databases take: alembic's way with SQLite copies the table and loses its other CHECKs.
    op.execute(
        "ALTER TABLE deployment ADD COLUMN transifex_format VARCHAR(40) DEFAULT 'YML' NOT NULL"
        " CONSTRAINT ck_deployment_transifex_format CHECK (transifex_format IN ('YML', 'STRUCTURED_JSON', 'PO'))"
    )
    op.execute("ALTER TABLE pushed_resource ADD COLUMN escaped BOOLEAN DEFAULT false NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE pushed_resource DROP COLUMN escaped")
    op.execute("ALTER TABLE deployment DROP COLUMN transifex_format")
