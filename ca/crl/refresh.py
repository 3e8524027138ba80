"""The job that keeps CRLs fresh, and publishes those that are missing.

Every CRL that is due is published even when another one fails: the old one
stays and is served, the failure is logged and audited, `certgate doctor` tells,
and the job ends with it.
"""

from collections.abc import Iterator, Sequence, Set
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from ca.authorities import Authority
from ca.crl.entries import drop_expired, drop_removals
from ca.crl.errors import CrlFault
from ca.crl.freshness import find_freshness, scopes_of
from ca.crl.making import CrlMaker
from ca.crl.models import CrlRecord
from ca.crl.refusal import tell_refusal
from ca.crl.scopes import DELTA, FULL, Scope, crl_address, crl_name
from ca.crl.storing import ScopeBook
from ca.errors import SigningFault
from ca.models import AuthorityName
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Failure

# How much of shards is made in one transaction, which keeps others waiting.
_ENTRIES_AT_ONCE = 20_000

_LOG = structlog.get_logger(__name__)


class CrlRefresh:
    """Publishes what is missing, old, overdue, or has moved."""

    def __init__(self, maker: CrlMaker, audit: AuditLog, clock: Clock) -> None:
        self._maker = maker
        self._audit = audit
        self._clock = clock

    def refresh_due(self, database: Database) -> tuple[str, ...]:
        """Publish what is due; return the names of the CRLs published (`crl_name`).

        Opens transactions of its own, several, so that a revocation never waits
        long. Raises the first failure when everything else is done.
        """
        published: list[str] = []
        failures: list[Exception] = []
        issuers = list(self._issuers())
        for issuer in issuers:
            self._refresh(database, issuer, published, failures)
        self._alarm(database, issuers)
        if failures:
            raise failures[0]
        return tuple(published)

    def _refresh(
        self,
        database: Database,
        issuer: AuthorityName,
        published: list[str],
        failures: list[Exception],
    ) -> None:
        done: set[Scope] = set()
        entries_at_once = _ENTRIES_AT_ONCE
        while True:
            some: list[Scope] = []
            try:
                with database.writing() as session:
                    self._audit.lock_chain(session)  # of two nodes, one publishes
                    some = self._next_due(session, issuer, done, entries_at_once)
                    if some:
                        self._maker.publish(session, issuer, some, Actor.system())
                        self._forget(session, issuer)
            except (CrlFault, SigningFault, Failure) as failure:
                if len(some) > 1:
                    # Which of them it is shows when each has its own transaction.
                    entries_at_once = 0
                    continue
                with database.writing() as session:
                    tell_refusal(session, self._audit, issuer, some, failure, Actor.system())
                failures.append(failure)
            else:
                published += [crl_name(issuer, scope) for scope in some]
            if not some:
                return
            done.update(some)

    def _alarm(self, database: Database, issuers: Sequence[AuthorityName]) -> None:
        """Log every CRL that is near its end although it should not be."""
        rules, root = self._maker.rules, self._maker.authorities.root.name
        for issuer in issuers:
            with database.reading() as session:
                scopes = scopes_of(issuer, root, rules.shards)
                found = find_freshness(session, issuer, scopes, self._clock.now())
            for crl in found:
                if crl.alarms(rules.alarm):
                    _LOG.error("crl_alarm", crl=crl.name, left=str(crl.left))

    def _issuers(self) -> Iterator[AuthorityName]:
        """Yield who signs here and is not over: nobody asks for the CRL of an expired CA."""
        now = self._clock.now()
        root = self._maker.authorities.root
        signing = [root] if isinstance(root, Authority) else []
        for authority in (*signing, *self._maker.authorities.issuers.values()):
            if authority.certificate.not_valid_after_utc > now:
                yield authority.name

    def _next_due(
        self, session: Session, issuer: AuthorityName, done: Set[Scope], entries_at_once: int
    ) -> list[Scope]:
        """Return a part of what is due, for one transaction."""
        book = ScopeBook(session, issuer)
        some: list[Scope] = []
        entries = 0
        for scope in self._due(book, issuer):
            if scope in done:
                continue
            newest = book.newest(scope)
            entries += max(1, newest.entries) if newest is not None else 1
            if some and entries > entries_at_once:
                break
            some.append(scope)
        return some

    def _due(self, book: ScopeBook, issuer: AuthorityName) -> Iterator[Scope]:
        if self._is_full_due(book):
            yield FULL
        if issuer == self._maker.authorities.root.name:
            return
        wanted = {str(number) for number in range(self._maker.rules.shards)}
        # Certificates keep their shard when there are fewer shards now.
        for scope in sorted(wanted | book.scopes() - {FULL, DELTA}, key=int):
            is_due = self._is_old(book.newest(scope)) or book.is_overdue(scope)
            if is_due or self._has_moved(book, issuer, scope):
                yield scope

    def _is_full_due(self, book: ScopeBook) -> bool:
        delta = book.newest(DELTA)
        is_long = delta is not None and delta.entries > self._maker.rules.full_in_act
        is_overdue = book.is_overdue(FULL) or book.is_overdue(DELTA)
        return is_long or is_overdue or self._is_old(book.newest(FULL))

    def _is_old(self, newest: CrlRecord | None) -> bool:
        age = self._clock.now() - newest.this_update if newest is not None else timedelta.max
        return age >= self._maker.rules.refresh_after

    def _has_moved(self, book: ScopeBook, issuer: AuthorityName, scope: Scope) -> bool:
        present = crl_address(self._maker.rules.pki_url, issuer, scope)
        known = book.addresses(scope, present)
        return known != book.known_addresses(scope)

    def _forget(self, session: Session, issuer: AuthorityName) -> None:
        """Delete entries that every scope leaves out now."""
        book = ScopeBook(session, issuer)
        newest = [book.newest(scope) for scope in book.scopes() - {DELTA}]
        moments = [crl.left_out_before if crl is not None else None for crl in newest]
        known = [moment for moment in moments if moment is not None]
        if known and len(known) == len(moments):
            drop_expired(session, issuer, min(known))
        full = book.newest(FULL)
        if full is not None:
            drop_removals(session, issuer, full.epoch)
