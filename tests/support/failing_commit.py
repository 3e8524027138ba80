"""A commit that the database itself refuses, at its very end."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from foundation.database import Database


@contextmanager
def failing_commit(database: Database) -> Iterator[Session]:
    """Open a transaction in which everything goes well, except that it cannot be committed.

    A deferred constraint is looked at by COMMIT alone. What is done before the
    commit has been done by then; the table goes with the transaction.
    """
    with pytest.raises(IntegrityError), database.writing() as session:  # noqa: PT012
        session.execute(
            text(
                "CREATE TABLE broken_promises (id INTEGER PRIMARY KEY, promised INTEGER"
                " REFERENCES broken_promises (id) DEFERRABLE INITIALLY DEFERRED)"
            )
        )
        session.execute(text("INSERT INTO broken_promises VALUES (1, 2)"))
        yield session
