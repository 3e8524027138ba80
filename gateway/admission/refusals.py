"""Recording refused requests, without letting refused clients fill the audit log.

A revoked certificate in a script knocks many times a second, and every entry
is a write that the whole chain waits for. So of one client and one reason the
first refusal is an entry at once, and those of the following minute become one
entry with their number. Whatever comes from however many clients, a process
writes no more than `_MOST_A_MINUTE` entries a minute; the rest is counted.
"""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from foundation.audit import Actor, AuditDraft, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Denied, Failure, Throttled

_QUIET = timedelta(minutes=1)
_REMEMBERED = 10_000
_MOST_A_MINUTE = 120
_ACTION = "request.refused"
_LONGEST_PATH = 200

# A missing certificate is a person who has not installed it yet, an expired one
# somebody who has to come again, a missing session one who has yet to log in.
_ORDINARY = frozenset(
    {
        "certificate-required",
        "certificate-expired",
        "login-required",
        "password-change-required",
        "renewal-too-early",
        "slip-required",
    }
)
# These have entries of their own (gateway.login, enrollment.pickup).
_RECORDED_ELSEWHERE = frozenset({"credentials-wrong", "pickup-refused", "pickup-ticket-ended"})
# What was asked to be certified and must not be; and that nobody is let in.
_OTHERS = frozenset(
    {
        "certificate-lint-refused",
        "csr-curve-not-named",
        "csr-key-refused",
        "csr-key-weak",
        "csr-malformed",
        "csr-signature-weak",
        "csr-signature-wrong",
        "csr-too-large",
        "est-names-differ",
        "est-request-unreadable",
        "public-key-refused",
        "public-key-weak",
        "public-key-compromised",
        "public-key-of-another",
        "subject-refused",
        "revocations-unknown",
    }
)

_LOG = structlog.get_logger(__name__)


@dataclass
class _Client:
    """One client refused for one reason: since when it is counted, and how often."""

    since: datetime
    draft: AuditDraft
    counted: int = 0


def is_recorded(failure: Failure) -> bool:
    """Say whether an auditor wants to know of requests that fail so."""
    if failure.code in _ORDINARY | _RECORDED_ELSEWHERE:
        return False
    return isinstance(failure, Denied | Throttled) or failure.code in _OTHERS


class RefusalRecord:
    """Audits refused requests, each in a transaction of its own; safe for many threads."""

    def __init__(self, database: Database, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._clients: OrderedDict[tuple[str, str], _Client] = OrderedDict()
        self._window = clock.now()
        self._written = 0
        self._uncounted = 0
        self._lock = threading.Lock()

    def note_certificate(self, failure: Failure, fingerprint: str, path: str, by: Actor) -> None:
        """Record that `by`, presenting the certificate with this SHA-256, was refused.

        `path` is cut to 200 characters. Never raises.
        """
        self._note(failure, f"certificate-sha256:{fingerprint}", by, path=path)

    def note(self, failure: Failure, door: str, method: str, path: str, by: Actor) -> None:
        """Record that a request at this door was refused. Never raises."""
        self._note(
            failure, f"address:{by.address or 'unknown'}", by, door=door, method=method, path=path
        )

    def flush(self) -> None:
        """Record what was counted and whose minute is over; something calls it every minute."""
        now = self._clock.now()
        with self._lock:
            over = [key for key, client in self._clients.items() if now - client.since >= _QUIET]
            clients = [self._clients.pop(key) for key in over]
            several, self._uncounted = self._uncounted, 0
        counted = [client for client in clients if client.counted]
        several += sum(client.counted for client in counted[_MOST_A_MINUTE:])
        drafts = [_counted(client) for client in counted[:_MOST_A_MINUTE]]
        if several:
            facts = {"times": several}
            by = Actor.system()
            drafts.append(AuditDraft(_ACTION, by, "address:several", "refused", facts))
        self._write(drafts)

    def _note(self, failure: Failure, subject: str, by: Actor, **facts: str) -> None:
        if not is_recorded(failure):
            return
        facts["path"] = facts["path"][:_LONGEST_PATH]
        draft = AuditDraft(_ACTION, by, subject, "refused", {"reason": failure.code, **facts})
        news = self._count((subject, failure.code), draft)
        if news is not None:
            _beside_the_loop(lambda: self._write([news]))

    def _count(self, key: tuple[str, str], draft: AuditDraft) -> AuditDraft | None:
        """Return what is to be written now, or None when it has only been counted."""
        now = self._clock.now()
        with self._lock:
            client = self._clients.get(key)
            if client is not None and now - client.since < _QUIET:
                client.counted += 1
                return None
            if client is not None and client.counted:
                draft = replace(draft, facts={**draft.facts, "times_before": client.counted})
            self._clients[key] = _Client(now, draft)
            self._clients.move_to_end(key)
            while len(self._clients) > _REMEMBERED:
                self._uncounted += self._clients.popitem(last=False)[1].counted
            if now - self._window >= _QUIET:
                self._window, self._written = now, 0
            if self._written >= _MOST_A_MINUTE:
                self._clients[key].counted = 1
                return None
            self._written += 1
            return draft

    def _write(self, drafts: list[AuditDraft]) -> None:
        if not drafts:
            return
        try:
            with self._database.writing() as session:
                self._audit.record_all(session, drafts)
        except Exception:
            # The request is refused all the same, and its client learns nothing.
            _LOG.exception("refusal_not_recorded", count=len(drafts))


def _counted(client: _Client) -> AuditDraft:
    draft = client.draft
    by = Actor(draft.by.name, draft.by.address)
    facts = {**draft.facts, "times": client.counted}
    return AuditDraft(draft.action, by, draft.subject, draft.outcome, facts)


def _beside_the_loop(write: Callable[[], None]) -> None:
    """Run `write` here, or in another thread when here is an event loop that must not wait."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        write()
        return
    loop.run_in_executor(None, write)
