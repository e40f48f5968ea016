"""Who wrote which text, the letters to volunteers, and how far each was told

Revision: 0017
Follows: 0016
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_KIND = sa.Enum(
    "welcome", "reminder", "reviewed", name="letter_kind", native_enum=False, create_constraint=True, length=40
)


def upgrade() -> None:
    text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "contribution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("locale", text(length=20), nullable=False),
        sa.Column("text_hash", text(length=64), nullable=False),
        sa.Column("author_id", text(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("written_at", moment(), nullable=False),
        sa.Column("corrected_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_contribution_author_id_person")),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_contribution_deployment_id_deployment")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_contribution_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution")),
        sa.UniqueConstraint("unit_id", "locale", "text_hash", "author_id", name="uq_contribution_text"),
    )
    # What stands now is known; what was replaced before is not.
    op.execute(
        "INSERT INTO contribution (deployment_id, unit_id, locale, text_hash, author_id, words, written_at) "
        "SELECT unit.deployment_id, unit.id, translation.locale, translation.text_hash, translation.author_id, "
        "unit.words, COALESCE(translation.written_at, translation.changed_at) "
        "FROM translation JOIN unit ON unit.id = translation.unit_id "
        "WHERE translation.author_id IS NOT NULL AND translation.text_hash IS NOT NULL"
    )
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.create_index("ix_contribution_author", ["author_id", "deployment_id", "locale"], unique=False)
        batch_op.create_index(batch_op.f("ix_contribution_deployment_id"), ["deployment_id"], unique=False)
    op.create_table(
        "letter_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("kind", _KIND, nullable=False),
        sa.Column("locale", text(length=20), nullable=False),
        sa.Column("role", text(length=40), nullable=False),
        sa.Column("subject", text(length=200), nullable=False),
        sa.Column("body", text(length=10000), nullable=False),
        sa.Column("changed_at", moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_letter_template_deployment_id_deployment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_template")),
        sa.UniqueConstraint("deployment_id", "kind", "locale", "role", name="uq_letter_template_place"),
    )
    op.create_table(
        "people_settings",
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("show_numbers", sa.Boolean(), nullable=False),
        sa.Column("keep_months", sa.Integer(), nullable=False),
        sa.Column("told_at", moment(), nullable=True),
        sa.CheckConstraint("keep_months >= 0", name=op.f("ck_people_settings_months_not_negative")),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_people_settings_deployment_id_deployment")
        ),
        sa.PrimaryKeyConstraint("deployment_id", name=op.f("pk_people_settings")),
    )
    with op.batch_alter_table("volunteer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_until", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE volunteer SET told_until = (SELECT COALESCE(MAX(id), 0) FROM decision)")
    with op.batch_alter_table("volunteer", schema=None) as batch_op:
        batch_op.alter_column("told_until", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("volunteer", schema=None) as batch_op:
        batch_op.drop_column("told_until")
    op.drop_table("people_settings")
    op.drop_table("letter_template")
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contribution_deployment_id"))
        batch_op.drop_index("ix_contribution_author")
    op.drop_table("contribution")
