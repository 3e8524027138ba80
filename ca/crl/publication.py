"""Publishing CRLs: the only way a CRL comes into the database.

A revocation and its publication are one transaction: the shard that the
certificate points at is made anew, which is quick however many certificates
there are, and the full CRL as long as it is short. When it is long, a delta CRL
says what changed since, and a job makes the full one.
Serving one reads what is stored (`ca.pki_router`).

The reasons are in docs/decisions/0010-crl-shards-and-entries.md.
"""

from collections.abc import Collection

from sqlalchemy.orm import Session

from ca.crl.errors import CrlFault
from ca.crl.importing import import_crl
from ca.crl.making import CrlAuthorities, CrlMaker, CrlRules, described
from ca.crl.models import CrlRecord
from ca.crl.refresh import CrlRefresh
from ca.crl.refusal import tell_refusal
from ca.crl.scopes import DELTA, FULL, Scope, scope_of
from ca.crl.stored import find_crl
from ca.crl.storing import mark_overdue
from ca.errors import HierarchyMissing, SigningFault
from ca.models import AuthorityName
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Unavailable


class CrlPublication:
    """Publishes the CRLs of root and issuing CAs."""

    def __init__(
        self, *, authorities: CrlAuthorities, audit: AuditLog, clock: Clock, rules: CrlRules
    ) -> None:
        self._rules = rules
        self._authorities = authorities
        self._clock = clock
        self._audit = audit
        self._maker = CrlMaker(authorities, audit, clock, rules)
        self._refresh = CrlRefresh(self._maker, audit, clock)

    def publish(
        self, session: Session, issuer: AuthorityName, by: Actor, scope: Scope = FULL
    ) -> CrlRecord:
        """Publish the next CRL of one scope, in the caller's transaction.

        Raises `RootKeyOffline`, `HierarchyMissing` for an issuer that does not
        sign, and `CrlFault` when the gate refuses it.
        """
        return self._maker.publish(session, issuer, [scope], by)[scope]

    def publish_act(
        self, session: Session, issuer: AuthorityName, shards: Collection[int | None], by: Actor
    ) -> dict[int | None, int]:
        """Publish everything that shows an act on certificates of these shards.

        Returns the number of the CRL that certificates of each shard point at;
        None stands for those that point at the full one. In the caller's
        transaction.

        When it cannot be signed or proved just now (the signer is away), the
        act stands all the same: it ends the certificate here and in OCSP at
        once, and nobody may keep it alive by keeping the signer away. Then the
        numbers are 0, the CRLs are marked as overdue, and the job publishes
        them as soon as it can. It is audited and logged.
        """
        self._audit.lock_chain(session)
        full = find_crl(session, issuer)
        is_short = full is None or full.entries <= self._rules.full_in_act
        whole = FULL if is_short else DELTA
        scopes = [scope_of(shard) for shard in shards if shard is not None]
        try:
            # What was written before it failed goes; the act around it stays.
            with session.begin_nested():
                done = self._maker.publish(session, issuer, [*scopes, whole], by)
        except (CrlFault, SigningFault, Unavailable, HierarchyMissing) as failure:
            mark_overdue(session, issuer, [*scopes, whole], self._clock.now())
            tell_refusal(session, self._audit, issuer, [*scopes, whole], failure, by)
            return dict.fromkeys(shards, 0)
        return {
            shard: done[whole if shard is None else scope_of(shard)].crl_number for shard in shards
        }

    def import_root_crl(self, session: Session, unverified_der: bytes, by: Actor) -> CrlRecord:
        """Publish a CRL that the root signed where its key is kept, in the caller's transaction.

        What it revokes is revoked here too. Raises `RootCrlRefused`.
        """
        self._audit.lock_chain(session)
        root = self._authorities.root
        crl = import_crl(session, unverified_der, root.name, root.certificate, self._clock)
        self._audit.record(
            session,
            "crl.imported",
            by=by,
            subject=f"crl:{crl.issuer}",
            crls=[described(crl)],
        )
        return crl

    def refresh_due(self, database: Database) -> tuple[str, ...]:
        """Publish what is missing, old or has moved; return the names (`ca.crl.scopes`).

        A job calls it; see `ca.crl.refresh`.
        """
        return self._refresh.refresh_due(database)
