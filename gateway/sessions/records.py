"""Reading sessions: their columns alone, by statements that are built once."""

import hashlib
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, Select, bindparam, select

from gateway.sessions.model import SessionRecord

_COLUMNS: Final = (
    SessionRecord.id.label("session_id"),
    SessionRecord.username.label("session_username"),
    SessionRecord.serial_number.label("session_serial_number"),
    SessionRecord.certificate_digest,
    SessionRecord.started_at,
    SessionRecord.last_seen_at,
    SessionRecord.expires_at,
    SessionRecord.ended_at.label("session_ended_at"),
)

BY_ID: Final = select(*_COLUMNS).where(SessionRecord.id == bindparam("id"))
"""The session of a number, which is the value `id`."""


class SessionRow(NamedTuple):
    """A session as the table has it, ended or not."""

    id: int
    username: str
    serial_number: str
    certificate_digest: str
    started_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None


def with_session(question: Select[Any]) -> Select[Any]:
    """Return `question`, whose answer also tells of the session of the value `token_digest`.

    A row stays one row, and stays when there is no such session.
    """
    return question.add_columns(*_COLUMNS).outerjoin(
        SessionRecord, SessionRecord.token_digest == bindparam("token_digest")
    )


def session_in(row: Row[*tuple[Any, ...]] | None) -> SessionRow | None:
    """Return the session in the answer, or None."""
    if row is None or row.session_id is None:
        return None
    return SessionRow(
        row.session_id,
        row.session_username,
        row.session_serial_number,
        row.certificate_digest,
        row.started_at,
        row.last_seen_at,
        row.expires_at,
        row.session_ended_at,
    )


def token_digest(token: str) -> str:
    """Return what the table knows a token by."""
    return hashlib.sha256(token.encode()).hexdigest()
