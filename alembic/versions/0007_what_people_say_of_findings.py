"""Dismissals, switches of checks, the glossary, sensitive wording, and what texts were checked with

Revision: 0007
Follows: 0006
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "check_switch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("locale", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("check_id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_check_switch_deployment_id_deployment")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_check_switch_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_switch")),
        sa.UniqueConstraint("deployment_id", "locale", "check_id", name="uq_check_switch_check"),
    )
    op.create_table(
        "glossary_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("locale", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("term_key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("term", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("inflections", sa.JSON(), nullable=False),
        sa.Column("accepted", sa.JSON(), nullable=False),
        sa.Column("forbidden", sa.JSON(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("owner", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("superseded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_glossary_entry_deployment_id_deployment")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_glossary_entry_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glossary_entry")),
    )
    with op.batch_alter_table("glossary_entry", schema=None) as batch_op:
        batch_op.create_index(
            "ix_glossary_entry_current",
            ["deployment_id", "locale", "term_key"],
            unique=True,
            sqlite_where=sa.text("superseded_at IS NULL"),
            postgresql_where=sa.text("superseded_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_glossary_entry_deployment_id"), ["deployment_id"], unique=False)

    op.create_table(
        "recheck_mark",
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("checked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_recheck_mark_deployment_id_deployment")
        ),
        sa.PrimaryKeyConstraint("deployment_id", name=op.f("pk_recheck_mark")),
    )
    op.create_table(
        "wording_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("term", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("added", sa.Boolean(), nullable=False),
        sa.Column("forms", sa.JSON(), nullable=False),
        sa.Column("exceptions", sa.JSON(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_wording_rule_deployment_id_deployment")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_wording_rule_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording_rule")),
    )
    with op.batch_alter_table("wording_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wording_rule_deployment_id"), ["deployment_id"], unique=False)

    op.create_table(
        "finding_dismissal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("translation_id", sa.Integer(), nullable=False),
        sa.Column("source_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("text_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("check_id", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("message", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("withdrawn_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_finding_dismissal_person_id_person")),
        sa.ForeignKeyConstraint(
            ["translation_id"], ["translation.id"], name=op.f("fk_finding_dismissal_translation_id_translation")
        ),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["person.id"], name=op.f("fk_finding_dismissal_withdrawn_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_dismissal")),
    )
    with op.batch_alter_table("finding_dismissal", schema=None) as batch_op:
        batch_op.create_index("ix_finding_dismissal_pair", ["translation_id", "source_hash", "text_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_finding_dismissal_person_id"), ["person_id"], unique=False)

    with op.batch_alter_table("translation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("checked_with", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("translation", schema=None) as batch_op:
        batch_op.drop_column("checked_with")

    with op.batch_alter_table("finding_dismissal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finding_dismissal_person_id"))
        batch_op.drop_index("ix_finding_dismissal_pair")

    op.drop_table("finding_dismissal")
    with op.batch_alter_table("wording_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wording_rule_deployment_id"))

    op.drop_table("wording_rule")
    op.drop_table("recheck_mark")
    with op.batch_alter_table("glossary_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_glossary_entry_deployment_id"))
        batch_op.drop_index(
            "ix_glossary_entry_current",
            sqlite_where=sa.text("superseded_at IS NULL"),
            postgresql_where=sa.text("superseded_at IS NULL"),
        )

    op.drop_table("glossary_entry")
    op.drop_table("check_switch")
