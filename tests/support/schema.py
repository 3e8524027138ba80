"""How a test database gets its tables."""

from foundation.database import Base, Database
from foundation.database.schema import upgrade_schema


def create_schema(url: str) -> None:
    """Bring a database to the newest step of the history.

    Tables of models that have no step yet are added as the collected tests
    imported them; that the history is complete is a test of its own.
    """
    database = Database(url)
    try:
        upgrade_schema(database)
        Base.metadata.create_all(database.engine)
    finally:
        database.dispose()
