"""Recording refused requests, without letting a refused client fill the audit log.

A revoked certificate in a script knocks many times a second, and every entry
is a write that the whole chain waits for. One entry a minute for the same
certificate and reason tells the auditor as much.
"""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database

_QUIET = timedelta(minutes=1)
_REMEMBERED = 10_000

# A missing certificate is a person who has not installed it yet, an expired one
# somebody who has to come again; these are attacks or grave mix-ups.
_RECORDED = frozenset({"certificate-mismatch", "certificate-revoked", "certificate-untrusted"})


class RefusalRecord:
    """Audits refused requests, each in a transaction of its own; safe for many threads."""

    def __init__(self, database: Database, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._latest: OrderedDict[tuple[str, str], datetime] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, reason: str, fingerprint: str, path: str, by: Actor) -> None:
        """Record that `by`, presenting the certificate with this SHA-256, was refused.

        Does nothing for reasons nobody audits, and for what was recorded less
        than a minute ago by this process. `path` is cut to 200 characters.
        """
        if reason not in _RECORDED or not self._is_news(fingerprint, reason):
            return
        with self._database.writing() as session:
            self._audit.record(
                session,
                "request.refused",
                by=by,
                subject=f"certificate-sha256:{fingerprint}",
                outcome="refused",
                reason=reason,
                path=path[:200],
            )

    def _is_news(self, fingerprint: str, reason: str) -> bool:
        now = self._clock.now()
        with self._lock:
            latest = self._latest.get((fingerprint, reason))
            if latest is not None and now - latest < _QUIET:
                return False
            self._latest[fingerprint, reason] = now
            self._latest.move_to_end((fingerprint, reason))
            while len(self._latest) > _REMEMBERED:
                self._latest.popitem(last=False)
            return True
