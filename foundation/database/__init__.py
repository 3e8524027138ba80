"""Storage: one `Database` for SQLite and PostgreSQL, and what models build on."""

from foundation.database.advisory import alone_with
from foundation.database.announcements import AnnouncementListener, announce
from foundation.database.compatibility import SchemaFloor
from foundation.database.connecting import take_time
from foundation.database.database import Database
from foundation.database.follow_ups import after_commit, before_commit
from foundation.database.many_rows import execute_for_each
from foundation.database.many_values import read_values, stream_values
from foundation.database.model import Base, BigKey, UtcDateTime
from foundation.database.picking import Picked, Window, pick
from foundation.database.statements import Statement
from foundation.database.writing import insert_or_conflict, one_row_or_conflict

__all__ = [
    "AnnouncementListener",
    "Base",
    "BigKey",
    "Database",
    "Picked",
    "SchemaFloor",
    "Statement",
    "UtcDateTime",
    "Window",
    "after_commit",
    "alone_with",
    "announce",
    "before_commit",
    "execute_for_each",
    "insert_or_conflict",
    "one_row_or_conflict",
    "pick",
    "read_values",
    "stream_values",
    "take_time",
]
