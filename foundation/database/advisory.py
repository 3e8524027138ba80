"""Acts of which one process at a time may do one, whatever machine it runs on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from sqlalchemy import Connection, text

from foundation.database.database import Database

Act = Literal["migration", "initialisation"]
# Any constants will do as long as nothing else in this database uses them.
_KEYS: dict[Act, int] = {
    "migration": 0x6D696772617465,  # "migrate"
    "initialisation": 0x6974696C697365,  # "itilise"
}
_MOST_WAITING = "10min"


def lock_act(connection: Connection, act: Act) -> None:
    """Hold `act` until the transaction of `connection` ends; nothing to do on SQLite.

    Waits for whoever holds it, ten minutes at most. The lock belongs to the
    transaction, so that it works through a pooler and dies with its holder.
    The transaction then has no other limits of time.
    """
    if connection.dialect.name == "sqlite":
        return
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {limit} = 0"))
    connection.execute(text(f"SET LOCAL lock_timeout = '{_MOST_WAITING}'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _KEYS[act]})


@contextmanager
def alone_with(database: Database, act: Act) -> Iterator[None]:
    """Do `act` while no other process does it; raises like `lock_act`.

    On SQLite nothing is held: its node is alone, and another connection that
    held the write lock would keep the block itself from writing.
    """
    if database.is_sqlite:
        yield
        return
    with database.engine.connect() as connection, connection.begin():
        lock_act(connection, act)
        yield
