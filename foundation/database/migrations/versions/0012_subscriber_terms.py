"""Names are searched through their pieces (docs/decisions/0028-name-search.md)

Who is entered already gets terms from the job `term_filling`, a few hundred in
a transaction, and so does whoever a node of an older program enters meanwhile;
until then they are searched as before. So this step is over at once however
many there are.

Revision ID: 0012
Revises: 0011
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_WITHOUT_TERMS = sa.text("searched_name IS NULL")


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "subscriber_terms",
        sa.Column(
            "term",
            sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "subscriber_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("term", "subscriber_id", name=op.f("pk_subscriber_terms")),
        sqlite_with_rowid=False,
    )
    op.add_column("subscribers", sa.Column("searched_name", sa.Text(), nullable=True))
    op.create_index(
        "ix_subscribers_without_terms",
        "subscribers",
        ["id"],
        sqlite_where=_WITHOUT_TERMS,
        postgresql_where=_WITHOUT_TERMS,
    )
    op.drop_index("ix_units_district", table_name="units")
    op.create_index("ix_units_district", "units", ["district", "subscriber_id"])


def downgrade() -> None:
    """Undo this step."""
    op.drop_index("ix_units_district", table_name="units")
    op.create_index("ix_units_district", "units", ["district"])
    op.drop_index("ix_subscribers_without_terms", table_name="subscribers")
    op.drop_column("subscribers", "searched_name")
    op.drop_table("subscriber_terms")
