"""Renewal of certificates and notices before they expire

Revision ID: 0006
Revises: 0005
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from foundation.database.model import UtcDateTime

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply this step."""
    with op.batch_alter_table("certificate_authenticators", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("pending", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.drop_index("uq_certificate_authenticators_current")
        batch_op.create_index(
            "uq_certificate_authenticators_current",
            ["subscriber_id", "pending"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    # SQLite makes the table of slips anew, which nothing may point at meanwhile.
    # A ticket stands for ten minutes: whoever has one types the pair again.
    op.execute("DELETE FROM pickup_tickets")
    with op.batch_alter_table("slips", schema=None) as batch_op:
        batch_op.add_column(sa.Column("own_key_digest", sa.String(length=64), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_slips_one_kind_of_key"),
            "sealed_private_key IS NULL OR own_key_digest IS NULL",
        )

    op.create_table(
        "renewals",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("subscriber_id", _KEY, nullable=False),
        sa.Column("old_serial_number", sa.String(length=40), nullable=False),
        sa.Column("new_serial_number", sa.String(length=40), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("sealed_pkcs12", sa.LargeBinary(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(length=16), nullable=True),
        sa.CheckConstraint("way IN ('est', 'request', 'file')", name=op.f("ck_renewals_way_known")),
        sa.CheckConstraint(
            "ended_at IS NULL OR sealed_pkcs12 IS NULL",
            name=op.f("ck_renewals_ended_keeps_no_secret"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (end_reason IS NULL)",
            name=op.f("ck_renewals_ended_for_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_renewals_subscriber_id_subscribers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewals")),
        sa.UniqueConstraint("new_serial_number", name=op.f("uq_renewals_new_serial_number")),
    )
    with op.batch_alter_table("renewals", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_renewals_subscriber_id"), ["subscriber_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_renewals_old_serial_number"), ["old_serial_number"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_renewals_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(
            "uq_renewals_open",
            ["subscriber_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "expiry_notices",
        sa.Column("serial_number", sa.String(length=40), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('claimed', 'sent', 'refused')", name=op.f("ck_expiry_notices_state_known")
        ),
        sa.PrimaryKeyConstraint("serial_number", "days", name=op.f("pk_expiry_notices")),
    )
