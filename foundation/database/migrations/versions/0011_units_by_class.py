"""The inventory's filter by unit class finds its rows without reading every unit

Revision ID: 0011
Revises: 0010
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply this step."""
    op.create_index(op.f("ix_units_unit_class"), "units", ["unit_class"])


def downgrade() -> None:
    """Undo this step."""
    op.drop_index(op.f("ix_units_unit_class"), table_name="units")
