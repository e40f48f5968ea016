"""Counters of texts, kept beside them

Revision: 0010
Follows: 0009
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_COUNTED = (
    "units", "words", "translated", "translated_words", "stale", "stale_words", "rejected", "rejected_words",
    "approved", "approved_words", "waiting", "waiting_words", "blocked", "warned", "with_findings", "conflicts",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "text_counter",
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("locale", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("record_key", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTED),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_text_counter_deployment_id_deployment")
        ),
        sa.PrimaryKeyConstraint("deployment_id", "locale", "record_key", name=op.f("pk_text_counter")),
    )
    # The texts that are here already.
    in_scope = "NOT u.retired AND NOT u.excluded AND NOT u.do_not_translate"
    columns = ", ".join(("deployment_id", "locale", "record_key", *_COUNTED))
    op.execute(
        f"INSERT INTO text_counter ({columns})"
        f" SELECT u.deployment_id, '', u.record_key, COUNT(*), SUM(u.words){', 0' * (len(_COUNTED) - 2)}"
        f" FROM unit u WHERE {in_scope} GROUP BY u.deployment_id, u.record_key"
    )
    conflict = (
        "EXISTS (SELECT 1 FROM conflict c"
        " WHERE c.unit_id = t.unit_id AND c.locale = t.locale AND c.resolved_at IS NULL)"
    )
    waiting = f"t.state IN ('translated', 'stale') OR {conflict}"
    conditions = [f"t.state = '{state}'" for state in ("translated", "stale", "rejected", "approved")] + [waiting]
    sums = [f"{_sum(condition)}, {_sum(condition, 'u.words')}" for condition in conditions]
    sums += [_sum(condition) for condition in ("t.blocked", "t.warnings > 0", "t.blocked OR t.warnings > 0", conflict)]
    op.execute(
        f"INSERT INTO text_counter ({columns})"
        f" SELECT u.deployment_id, t.locale, u.record_key, 0, 0, {', '.join(sums)}"
        f" FROM translation t JOIN unit u ON u.id = t.unit_id WHERE {in_scope}"
        " GROUP BY u.deployment_id, t.locale, u.record_key"
    )


def _sum(condition: str, what: str = "1") -> str:
    return f"SUM(CASE WHEN {condition} THEN {what} ELSE 0 END)"


def downgrade() -> None:
    op.drop_table("text_counter")
