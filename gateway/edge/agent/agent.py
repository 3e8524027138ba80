"""One look: what the database says now is in force at HAProxy, and said to be.

1. a HAProxy that was started anew, or a state that is older than may be
   trusted, is loaded whole, behind a closed door;
2. what changed since the last look is read, in one transaction;
3. it is denied: from here on no request passes;
4. the door's lease is renewed, from the moment before the database was asked;
5. what was open is closed;
6. the registry hears of it, which is what a receipt waits for.

Whatever fails leaves the lease as it is. When it ends the door is closed, by
HAProxy itself, whether or not anybody is there to say so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session

from ca.ended import is_closed
from foundation.clock import Clock
from foundation.database import Database
from gateway.edge.agent.certificate_denials import CertificateChange, CertificateDenials
from gateway.edge.agent.errors import ProxyAway
from gateway.edge.agent.lease import Lease
from gateway.edge.agent.live_connections import LiveConnections
from gateway.edge.agent.proxy import Proxy, ProxyIdentity
from gateway.edge.agent.reporting import Reporting
from gateway.edge.agent.session_denials import SessionChange, SessionDenials
from gateway.edge.serial_numbers import serial_as_haproxy_prints

_CERTIFICATES, _SESSIONS, _TOKEN_KEYS = "denied-certificates", "denied-sessions", "token-keys"
_CLEAN_EVERY: Final = timedelta(seconds=30)
# Somebody who logs out, or changes the password, is owed the answer: what began
# before is closed when it has been sent.
_OWN_ACTS: Final = frozenset({"logout", "password_changed", "replaced"})
_ANSWERED_WITHIN: Final = timedelta(seconds=3)

_LOG = structlog.get_logger(__name__)

# kid -> secret of every key whose session tokens are believed.
TokenKeys = Callable[[Session], Mapping[str, str]]


@dataclass(frozen=True)
class _Seen:
    """What one look found in the database."""

    at: datetime
    certificates: CertificateChange | None
    sessions: SessionChange
    token_keys: Mapping[str, str]
    is_closed: bool


class EdgeAgent:
    """Keeps one HAProxy in step. Everything runs in the thread that calls `look`."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        proxy: Proxy,
        former: Callable[[], Sequence[Proxy]],
        token_keys: TokenKeys,
        reporting: Reporting,
        trust: timedelta,
        token_life: timedelta,
        on_serving: Callable[[], None] = lambda: None,
    ) -> None:
        """`former` are processes that a reload has left behind with what they were serving.

        `trust` is how long HAProxy may act without news, `token_life` that of a
        session token. `on_serving` is called once, at the end of the first whole look.
        """
        self._database = database
        self._clock = clock
        self._proxy = proxy
        self._former = former
        self._token_keys = token_keys
        self._reporting = reporting
        self._trust = trust
        self._on_serving = on_serving
        self._has_served = False
        self._lease = Lease(proxy, trust)
        self._certificates = CertificateDenials(database, clock)
        self._sessions = SessionDenials(clock, token_life)
        self._loaded: ProxyIdentity | None = None
        self._known_at: datetime | None = None
        self._told_keys: Mapping[str, str] = {}
        self._postponed: list[tuple[datetime, str]] = []
        self._cleaned_at: datetime | None = None

    def look(self) -> None:
        """Do the six steps; raises whatever stands in the way, to be called again."""
        # 1.
        self._reporting.enter()
        identity = self._find_proxy()
        has_gap = self._known_at is None or self._clock.now() - self._known_at > self._trust
        if identity != self._loaded or has_gap:
            self._load(identity)

        # 2.
        seen = self._see()
        if seen.certificates is None:
            self._loaded = None
            self._load(identity)
            seen = self._see()
            if seen.certificates is None:
                return

        # 3.
        self._deny(seen.certificates, seen.sessions)
        self._tell_keys(seen.token_keys)
        refused_at = self._clock.now()

        # 4.
        if seen.is_closed:
            self._lease.withdraw()
        elif not self._lease.renew(seen.at):
            # Started anew since step 1: nothing of the above is known there.
            self._loaded = None
            return
        self._known_at = seen.at

        # 5.
        closed = self._close(seen.certificates, seen.sessions)

        # 6.
        self._certificates.applied(seen.certificates)
        self._sessions.applied(seen.sessions)
        self._reporting.in_force(seen.certificates.epoch, refused_at, self._clock.now(), closed)
        self._clean(seen.at)
        if not self._has_served:
            self._has_served = True
            self._on_serving()

    def _find_proxy(self) -> ProxyIdentity:
        try:
            return self._proxy.identity()
        except ProxyAway:
            # The agent is there, and nothing passes where no HAProxy is.
            self._reporting.loading()
            raise

    def _load(self, identity: ProxyIdentity) -> None:
        """Tell HAProxy everything, page by page; the door is closed before and after."""
        self._loaded = None
        self._reporting.loading()
        self._lease.begin_closed()
        before = self._clock.now()
        self._proxy.replace(_CERTIFICATES, self._certificates.load())
        with self._database.reading() as session:
            sessions = self._sessions.load(session)
            keys = dict(self._token_keys(session))
        self._proxy.replace(_SESSIONS, [(str(one), reason) for one, reason in sessions.items()])
        self._proxy.replace(_TOKEN_KEYS, sorted(keys.items()))
        self._told_keys = keys
        self._loaded = identity
        self._known_at = None
        took = self._clock.now() - before
        _LOG.info("edge_loaded", pid=identity.pid, seconds=took.total_seconds())

    def _see(self) -> _Seen:
        at = self._clock.now()
        with self._database.reading() as session:
            return _Seen(
                at,
                self._certificates.find_change(session),
                self._sessions.find_change(session),
                dict(self._token_keys(session)),
                is_closed(session),
            )

    def _deny(self, certificates: CertificateChange, sessions: SessionChange) -> None:
        ended = [(str(one.id), one.reason) for one in sessions.ended]
        if not (certificates.changes_anything or ended or sessions.expired):
            return
        for proxy in (self._proxy, *self._former()):
            proxy.add(_CERTIFICATES, sorted(certificates.denied.items()))
            for serial, reason in certificates.replaced.items():
                proxy.change(_CERTIFICATES, serial, reason)
            proxy.add(_SESSIONS, ended)
            proxy.drop(_CERTIFICATES, sorted(certificates.lifted))
            proxy.drop(_SESSIONS, map(str, sorted(sessions.expired)))

    def _tell_keys(self, keys: Mapping[str, str]) -> None:
        if keys != self._told_keys:
            self._proxy.replace(_TOKEN_KEYS, sorted(keys.items()))
            self._told_keys = keys

    def _close(self, certificates: CertificateChange, sessions: SessionChange) -> int:
        now = self._clock.now()
        fallen = {*certificates.denied, *certificates.replaced}
        for one in sessions.ended:
            serial = serial_as_haproxy_prints(one.serial_number)
            if one.reason in _OWN_ACTS:
                self._postponed.append((now + _ANSWERED_WITHIN, serial))
            else:
                fallen.add(serial)
        due = {serial for at, serial in self._postponed if at <= now}
        self._postponed = [(at, serial) for at, serial in self._postponed if at > now]
        if not fallen and not due:
            return 0
        closed = 0
        for proxy in (self._proxy, *self._former()):
            connections = LiveConnections(proxy)
            closed += connections.close(fallen)
            closed += connections.close(due - fallen, round(_ANSWERED_WITHIN.total_seconds()))
        if closed:
            _LOG.info("edge_connections_closed", count=closed)
        return closed

    def _clean(self, now: datetime) -> None:
        if self._cleaned_at is None:
            self._cleaned_at = now
        elif now - self._cleaned_at >= _CLEAN_EVERY:
            self._cleaned_at = now
            LiveConnections(self._proxy).clean()
