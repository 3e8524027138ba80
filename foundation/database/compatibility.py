"""Which programs may work on a schema that is newer than they are.

Nodes are replaced one after the other, so for a while an older program works
on the schema of a newer one. A step that only adds leaves the floor where it
is; one that removes or changes what older programs use raises it to itself,
with `UPDATE schema_floor SET revision = ...`, and they stop (docs/operations.md).
"""

from sqlalchemy import Connection, String, inspect, select
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database.model import Base


class SchemaFloor(Base):
    """One row: the oldest step whose program may work on this schema."""

    __tablename__ = "schema_floor"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[str] = mapped_column(String(32))


def find_floor(connection: Connection) -> str | None:
    """Return the oldest revision that may still serve; None before there was a floor."""
    if not inspect(connection).has_table(SchemaFloor.__tablename__):
        return None
    return connection.scalar(select(SchemaFloor.revision).where(SchemaFloor.id == 1))
