"""Run by Alembic; `foundation.database.schema` hands in the connection."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from foundation.database.model import UtcDateTime


def render_item(kind: str, item: object, autogenerate: AutogenContext) -> str | Literal[False]:
    """Write our own column type with its import; leave the rest to Alembic."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogenerate.imports.add("from foundation.database.model import UtcDateTime")
        return "UtcDateTime()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes.get("metadata"),
    # SQLite cannot alter most of a table in place: copy, alter, rename.
    render_as_batch=True,
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
