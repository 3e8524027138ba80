"""Sessions: a server-side row bound to the certificate it was opened with."""

from gateway.sessions.endings import EndedSession, find_ended_sessions
from gateway.sessions.model import SessionRecord
from gateway.sessions.sessions import LiveSession, SessionLimits, Sessions

__all__ = [
    "EndedSession",
    "LiveSession",
    "SessionLimits",
    "SessionRecord",
    "Sessions",
    "find_ended_sessions",
]
