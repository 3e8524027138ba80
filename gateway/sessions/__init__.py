"""Sessions: a server-side row bound to the certificate it was opened with."""

from gateway.sessions.model import SessionRecord
from gateway.sessions.sessions import LiveSession, SessionLimits, Sessions

__all__ = ["LiveSession", "SessionLimits", "SessionRecord", "Sessions"]
