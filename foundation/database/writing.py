"""Writes that can race, made to answer with a typed conflict."""

from sqlalchemy import CursorResult
from sqlalchemy.engine import Result
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from foundation.database.model import Base
from foundation.errors import Conflict, Failure


def insert_or_conflict(session: Session, row: Base, failure: Failure) -> None:
    """Insert `row`; when a unique constraint refuses it, raise `failure`.

    The insert stands in a savepoint, so the surrounding transaction goes on.
    """
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as refused:
        raise failure from refused


def one_row_or_conflict(result: "Result[object]", code: str, **params: str | int) -> None:
    """Raise `Conflict` unless a conditional update changed exactly one row."""
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise Conflict(code, fields=(), field=None, **params)
