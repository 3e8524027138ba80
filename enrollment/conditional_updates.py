"""Updates that can race: they say what they expect and report whether it was so."""

from sqlalchemy import CursorResult, Update
from sqlalchemy.orm import Session


def changed_one(session: Session, statement: Update) -> bool:
    """Execute a conditional UPDATE and return whether it changed exactly one row."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount == 1
