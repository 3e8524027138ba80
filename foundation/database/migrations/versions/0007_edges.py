"""The edges, and when each revocation took effect at them

Revision ID: 0007
Revises: 0006
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from foundation.database.model import UtcDateTime

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "edges",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("instance", sa.String(length=32), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("heartbeat_at", UtcDateTime(), nullable=False),
        sa.Column("applied_epoch", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=32), nullable=True),
        sa.CheckConstraint(
            "standing IN ('loading', 'serving', 'stopped')", name=op.f("ck_edges_standing_known")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_edges")),
    )
    op.create_table(
        "edge_effects",
        sa.Column("edge", sa.String(length=32), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("refused_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=False),
        sa.Column("connections_closed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edge"], ["edges.name"], name=op.f("fk_edge_effects_edge_edges"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("edge", "epoch", name=op.f("pk_edge_effects")),
    )
    op.create_index("ix_edge_effects_refused_at", "edge_effects", ["edge", "refused_at"])


def downgrade() -> None:
    """Undo this step."""
    op.drop_table("edge_effects")
    op.drop_table("edges")
