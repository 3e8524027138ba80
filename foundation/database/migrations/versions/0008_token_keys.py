"""The keys of session tokens and assertions

Revision ID: 0008
Revises: 0007
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from foundation.database.model import UtcDateTime

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("algorithm", sa.String(length=8), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("public_jwk", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("signs_from", UtcDateTime(), nullable=False),
        sa.CheckConstraint("generation > 0", name=op.f("ck_signing_keys_generation_counts")),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_keys")),
        sa.UniqueConstraint(
            "purpose", "generation", name=op.f("uq_signing_keys_purpose_generation")
        ),
    )
    op.create_table(
        "visit_tickets",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("session_id", _KEY, nullable=False),
        sa.Column("certificate_digest", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("path", sa.String(length=2048), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_visit_tickets_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_visit_tickets")),
    )
    op.create_index(
        op.f("ix_visit_tickets_expires_at"), "visit_tickets", ["expires_at"], unique=False
    )
    # What edges ask for every second: the sessions that ended a moment ago.
    op.create_index("ix_sessions_ended_at", "sessions", ["ended_at"], unique=False)


def downgrade() -> None:
    """Undo this step."""
    op.drop_index("ix_sessions_ended_at", table_name="sessions")
    op.drop_table("visit_tickets")
    op.drop_table("signing_keys")
