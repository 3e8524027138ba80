"""Logout: the session ends on the server, not only in the browser."""

from foundation.audit import Actor, AuditLog
from foundation.database import Database
from gateway.admission import Admitted
from gateway.sessions import Sessions


class Logout:
    """Ends the session of a request."""

    def __init__(self, database: Database, audit: AuditLog, sessions: Sessions) -> None:
        self._database = database
        self._audit = audit
        self._sessions = sessions

    def log_out(self, admitted: Admitted, by: Actor) -> None:
        """End the session; a second call does nothing."""
        with self._database.writing() as session:
            # Before the row, as every act does that touches both: no deadlock.
            self._audit.lock_chain(session)
            if self._sessions.end(session, admitted.session.id, "logout"):
                self._audit.record(
                    session,
                    "session.ended",
                    by=by,
                    subject=f"subscriber:{admitted.principal.username}",
                    session_id=admitted.session.id,
                )
