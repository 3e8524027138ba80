"""A connection of the pool that nobody has used for long."""

from foundation.database import Database
from foundation.database.answering import AnsweredConnection


def rest(database: Database) -> AnsweredConnection:
    """Make the pool's next connection one that was last used a minute ago, and return it."""
    connection = database.engine.raw_connection()
    driver = connection.driver_connection
    assert isinstance(driver, AnsweredConnection)
    connection.close()
    driver.used_at -= 60
    return driver
