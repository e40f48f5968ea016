"""The audit is chained by hash, and the database refuses to change or delete what stands in it

Revision: 0008
Follows: 0007
"""

import hashlib
import json
from datetime import UTC

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_REFUSAL = "the audit is append-only"

_entry = sa.table(
    "audit_entry",
    sa.column("id", sa.Integer),
    sa.column("at", sqlmodel.sql.sqltypes.UTCDateTime()),
    sa.column("person_id", sa.String),
    sa.column("actor", sa.String),
    sa.column("action", sa.String),
    sa.column("deployment_id", sa.Integer),
    sa.column("subject", sa.String),
    sa.column("detail", sa.JSON),
    sa.column("number", sa.Integer),
    sa.column("hash", sa.String),
)


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("number", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_audit_entry_number"), ["number"])
        batch_op.create_check_constraint(
            batch_op.f("ck_audit_entry_sealed_as_a_whole"), "(number IS NULL) = (hash IS NULL)"
        )
        batch_op.create_index(
            "ix_audit_entry_unsealed",
            ["id"],
            unique=False,
            sqlite_where=sa.text("number IS NULL"),
            postgresql_where=sa.text("number IS NULL"),
        )
    _chain_what_is_there()
    _refuse_changes()


def _chain_what_is_there() -> None:
    """Give every entry its place, in the order of the ids; as `service.audit.rules.hash_entry` does."""
    connection = op.get_bind()
    number, previous, last = 0, "0" * 64, 0
    while rows := connection.execute(_entry.select().where(_entry.c.id > last).order_by(_entry.c.id).limit(1000)).all():
        sealed = []
        for row in rows:
            number += 1
            moment = row.at.astimezone(UTC).isoformat(timespec="microseconds")
            parts = [
                "primero-bridge-audit/1", number, moment, row.person_id, row.actor, row.action, row.deployment_id,
                row.subject, row.detail, previous,
            ]  # fmt: skip
            text = json.dumps(parts, separators=(",", ":"), sort_keys=True)
            previous = hashlib.sha256(text.encode("ascii")).hexdigest()
            sealed.append({"which": row.id, "number": number, "hash": previous})
        last = rows[-1].id
        statement = _entry.update().where(_entry.c.id == sa.bindparam("which"))
        connection.execute(statement.values(number=sa.bindparam("number"), hash=sa.bindparam("hash")), sealed)
    if number:
        head = sa.table("audit_head", sa.column("id"), sa.column("number"), sa.column("hash"))
        connection.execute(head.insert().values(id=1, number=number, hash=previous))


def _refuse_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER audit_entry_stays BEFORE UPDATE ON audit_entry WHEN OLD.number IS NOT NULL "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
        op.execute(
            "CREATE TRIGGER audit_entry_is_kept BEFORE DELETE ON audit_entry WHEN OLD.number IS NOT NULL "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW "
        "WHEN (OLD.number IS NOT NULL) EXECUTE FUNCTION refuse_audit_change()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_entry_is_kept")
        op.execute("DROP TRIGGER audit_entry_stays")
    else:
        op.execute("DROP TRIGGER audit_entry_stays ON audit_entry")
        op.execute("DROP FUNCTION refuse_audit_change()")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_unsealed")
        batch_op.drop_constraint(batch_op.f("ck_audit_entry_sealed_as_a_whole"), type_="check")
        batch_op.drop_constraint(batch_op.f("uq_audit_entry_number"), type_="unique")
        batch_op.drop_column("hash")
        batch_op.drop_column("number")
    op.drop_table("audit_head")
