"""What waits for officers is listed in its order without sorting all that waits

Revision ID: 0014
Revises: 0013
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_WAITING = sa.text("state = 'in_review' AND route = 'officer'")


def upgrade() -> None:
    """Apply this step."""
    op.create_index(
        "ix_tasks_waiting_for_officer",
        "tasks",
        ["state", "route", "submitted_at", "id"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )


def downgrade() -> None:
    """Undo this step."""
    op.drop_index("ix_tasks_waiting_for_officer", table_name="tasks")
