"""One look: what the database says now is in force at HAProxy, and said to be.

1. a HAProxy that was started anew, or a state that is older than may be
   trusted, is loaded whole, behind a closed door;
2. certificates that have ended since the last look are read, and denied: from
   here on no request of theirs passes;
3. so are sessions that have ended, and keys of tokens are told;
4. the door's lease is renewed, from the moment before the database was asked;
5. what was open is closed;
6. the registry hears of it, which is what a receipt waits for.

Whatever fails leaves the lease as it is. When it ends the door is closed, by
HAProxy itself, whether or not anybody is there to say so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session

from ca.verification.ended import is_closed
from foundation.clock import Clock
from foundation.database import Database
from gateway.edge.agent.certificate_denials import CertificateChange, CertificateDenials
from gateway.edge.agent.lease import Lease
from gateway.edge.agent.live_connections import LiveConnections
from gateway.edge.agent.proxy import Proxy
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
        self._is_loaded = False
        self._known_at: datetime | None = None
        self._told_keys: Mapping[str, str] = {}
        self._postponed: list[tuple[datetime, str]] = []
        self._cleaned_at: datetime | None = None

    def look(self) -> bool:
        """Do the six steps; raises whatever stands in the way, to be called again.

        Return whether to look again at once: everything has to be loaded anew.
        """
        # 1.
        self._reporting.enter()
        at = self._clock.now()
        if not self._is_loaded or self._known_at is None or at - self._known_at > self._trust:
            self._load()
            at = self._clock.now()

        # 2.
        with self._database.reading() as session:
            certificates = self._certificates.find_change(session)
        if certificates is None:
            self._is_loaded = False
            return True
        self._deny_certificates(certificates)
        refused_at = self._clock.now()

        # 3.
        with self._database.reading() as session:
            sessions = self._sessions.find_change(session)
            keys = dict(self._token_keys(session))
            nobody_passes = is_closed(session)
        self._deny_sessions(sessions)
        self._tell_keys(keys)

        # 4.
        if nobody_passes:
            self._lease.withdraw()
        elif not self._lease.renew(at):
            # Started anew since step 1: it knows nothing of all this, and its door is shut.
            self._is_loaded = False
            return True
        self._known_at = at

        # 5.
        closed = self._close(certificates, sessions)

        # 6.
        self._certificates.applied(certificates)
        self._sessions.applied(sessions)
        self._reporting.in_force(certificates.epoch, refused_at, self._clock.now(), closed)
        self._clean(at)
        if not self._has_served:
            self._has_served = True
            self._on_serving()
        return False

    def _load(self) -> None:
        """Tell HAProxy everything, page by page; the door is closed before and after."""
        self._is_loaded, self._known_at = False, None
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
        self._is_loaded, self._known_at = True, before
        took = self._clock.now() - before
        _LOG.info("edge_loaded", seconds=took.total_seconds())

    def _deny_certificates(self, change: CertificateChange) -> None:
        if not change.changes_anything:
            return
        for proxy in self._proxies():
            proxy.add(_CERTIFICATES, sorted(change.denied.items()))
            for serial, reason in change.replaced.items():
                proxy.change(_CERTIFICATES, serial, reason)
            proxy.drop(_CERTIFICATES, sorted(change.lifted))

    def _deny_sessions(self, change: SessionChange) -> None:
        if not (change.ended or change.expired):
            return
        for proxy in self._proxies():
            proxy.add(_SESSIONS, [(str(one.id), one.reason) for one in change.ended])
            proxy.drop(_SESSIONS, map(str, sorted(change.expired)))

    def _proxies(self) -> Iterator[Proxy]:
        """Yield the present process before the former ones are asked for."""
        yield self._proxy
        yield from self._former()

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
        for proxy in self._proxies():
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
