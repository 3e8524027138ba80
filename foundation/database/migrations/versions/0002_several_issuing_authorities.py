"""Several issuing authorities, and the shard of each certificate

Revision ID: 0002
Revises: 0001
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply this step."""
    with op.batch_alter_table("authorities") as authorities:
        authorities.add_column(
            sa.Column("state", sa.String(length=16), nullable=False, server_default="active")
        )
        authorities.create_check_constraint(
            op.f("ck_authorities_state_known"), "state IN ('active', 'retired')"
        )
    with op.batch_alter_table("authorities") as authorities:
        authorities.alter_column("state", server_default=None)
    # Empty for certificates from before: they point at the full CRL.
    op.add_column("certificates", sa.Column("crl_shard", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take this step back: which authority issued what would be forgotten."""
    raise NotImplementedError("this step cannot be taken back; restore a backup")
