"""The one history of the database's shape (Alembic)."""
