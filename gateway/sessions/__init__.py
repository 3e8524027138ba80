"""Sessions: a server-side row bound to the certificate it was opened with."""

from gateway.sessions.model import SessionRecord
from gateway.sessions.sessions import EndedSession, LiveSession, SessionLimits, Sessions

__all__ = ["EndedSession", "LiveSession", "SessionLimits", "SessionRecord", "Sessions"]
