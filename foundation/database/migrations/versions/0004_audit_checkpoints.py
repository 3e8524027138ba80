"""Signed checkpoints of the audit log, and the record of revocations outside the database

Revision ID: 0004
Revises: 0003
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from foundation.audit.checkpoint_model import REFUSE_CHANGE_POSTGRESQL, REFUSE_CHANGE_SQLITE
from foundation.database.model import UtcDateTime

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ISSUED = "state NOT IN ('good', 'on_hold', 'revoked') OR der IS NOT NULL"
_GOOD = "state <> 'good' OR der IS NOT NULL"


def upgrade() -> None:
    """Apply this step."""
    _make_checkpoints()
    _make_journal()
    _let_lost_certificates_be_revoked()


def _make_checkpoints() -> None:
    op.create_table(
        "audit_checkpoints",
        sa.Column("size", _KEY, autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("root_hash", sa.LargeBinary(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoints")),
    )
    statements = {"sqlite": REFUSE_CHANGE_SQLITE, "postgresql": REFUSE_CHANGE_POSTGRESQL}
    for statement in statements[op.get_bind().dialect.name]:
        op.execute(statement)


def _make_journal() -> None:
    op.create_table(
        "revocation_changes",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("issuer", sa.String(length=16), nullable=False),
        sa.Column("serial_number", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("invalidity_date", UtcDateTime(), nullable=True),
        sa.Column("crl_number", sa.BigInteger(), nullable=False),
        sa.Column("not_after", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocation_changes")),
    )
    op.create_index(op.f("ix_revocation_changes_epoch"), "revocation_changes", ["epoch"])
    op.create_table(
        "revocation_journals",
        sa.Column("identity", sa.String(length=32), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("last_epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("identity", name=op.f("pk_revocation_journals")),
    )
    op.create_table(
        "unreconciled_revocations",
        sa.Column("serial_number", sa.String(length=40), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("serial_number", name=op.f("pk_unreconciled_revocations")),
    )
    op.create_table(
        "revocation_standing",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("problem", sa.String(length=64), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_revocation_standing_single_row")),
        sa.CheckConstraint(
            "standing IN ('known', 'unconfirmed', 'closed')",
            name=op.f("ck_revocation_standing_standing_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocation_standing")),
    )


def _let_lost_certificates_be_revoked() -> None:
    """A certificate that a restore has lost is revoked by its number alone."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_certificates_issued_has_der"), "certificates")
        op.create_check_constraint(op.f("ck_certificates_issued_has_der"), "certificates", _GOOD)
        return
    # Making the table anew is no way: authorities point at it, and foreign keys
    # cannot be switched off inside a transaction. A constraint changes nothing
    # in the file but this text (sqlite.org/lang_altertable.html, section 7).
    connection = op.get_bind()
    version = connection.scalar(sa.text("PRAGMA schema_version"))
    op.execute("PRAGMA writable_schema = ON")
    changed = connection.execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after) "
            "WHERE type = 'table' AND name = 'certificates' AND instr(sql, :before) > 0"
        ),
        {"before": _ISSUED, "after": _GOOD},
    )
    if changed.rowcount != 1:
        raise RuntimeError("the table of certificates is not the one this step changes")
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = OFF")
