"""A long CRL costs less: its entries stand in an index, and it is not compressed

Revision ID: 0013
Revises: 0012
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply this step."""
    op.create_index("ix_crl_entries_not_after", "crl_entries", ["issuer", "not_after"])
    _alter("PRIMARY KEY (issuer, serial) INCLUDE (not_after, entry)", "EXTERNAL")


def downgrade() -> None:
    """Undo this step."""
    _alter("PRIMARY KEY (issuer, serial)", "EXTENDED")
    op.drop_index("ix_crl_entries_not_after", table_name="crl_entries")


def _alter(key: str, storage: str) -> None:
    # On SQLite the table of entries is its own index, and nothing is compressed.
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE crl_entries DROP CONSTRAINT pk_crl_entries")
    op.execute(f"ALTER TABLE crl_entries ADD CONSTRAINT pk_crl_entries {key}")
    op.execute(f"ALTER TABLE crl_parts ALTER COLUMN content SET STORAGE {storage}")
