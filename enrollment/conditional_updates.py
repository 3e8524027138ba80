"""Updates that can race: they say what they expect and report whether it was so."""

from collections.abc import Mapping

from sqlalchemy import Update
from sqlalchemy.orm import Session


def changed_one(
    session: Session, statement: Update, parameters: Mapping[str, object] | None = None
) -> bool:
    """Execute a conditional UPDATE and return whether it changed exactly one row."""
    # As the object layer does before a query; its own UPDATE costs several times as much.
    session.flush()
    return session.connection().execute(statement, parameters or {}).rowcount == 1
