"""How a test database gets its tables."""

from foundation.database import Base, Database


def create_schema(url: str) -> None:
    """Create every table of the models that the collected tests have imported."""
    database = Database(url)
    try:
        Base.metadata.create_all(database.engine)
    finally:
        database.dispose()
