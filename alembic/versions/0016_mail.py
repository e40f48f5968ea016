"""The outbox of mail, and who wants none

Revision: 0016
Follows: 0015
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_STATE = sa.Enum(
    "waiting",
    "sent",
    "by-hand",
    "failed",
    "cancelled",
    name="mail_state",
    native_enum=False,
    create_constraint=True,
    length=40,
)


def upgrade() -> None:
    text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "mail_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", text(), nullable=False),
        sa.Column("kind", text(length=40), nullable=False),
        sa.Column("key", text(length=200), nullable=False),
        sa.Column("locale", text(length=20), nullable=False),
        sa.Column("subject", text(length=300), nullable=False),
        sa.Column("text", text(), nullable=False),
        sa.Column("state", _STATE, nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("due_at", moment(), nullable=False),
        sa.Column("sent_at", moment(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", text(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_mail_message_deployment_id_deployment")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_message_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_message")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_message_key")),
    )
    with op.batch_alter_table("mail_message", schema=None) as batch_op:
        batch_op.create_index("ix_mail_message_due", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_message_deployment_id"), ["deployment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_message_person_id"), ["person_id"], unique=False)
    op.create_table(
        "mail_stop",
        sa.Column("person_id", text(), nullable=False),
        sa.Column("stopped_at", moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_stop_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_stop")),
    )


def downgrade() -> None:
    op.drop_table("mail_stop")
    with op.batch_alter_table("mail_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_message_person_id"))
        batch_op.drop_index(batch_op.f("ix_mail_message_deployment_id"))
        batch_op.drop_index("ix_mail_message_due")
    op.drop_table("mail_message")
