"""Making the next CRL of a scope: built, signed, proved and stored in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy.orm import Session

from ca.authorities import Authority, RootWithoutKey
from ca.crl.building import CrlContent, write_tbs
from ca.crl.entries import (
    Listed,
    count_changes,
    count_ended,
    find_used_shards,
    stream_changes,
    stream_entries,
)
from ca.crl.errors import RootKeyOffline
from ca.crl.gate import Passage, verify_new_crl
from ca.crl.models import CrlRecord
from ca.crl.removable import expired_serials
from ca.crl.scopes import DELTA, FULL, Scope, crl_address, crl_name
from ca.crl.shards import DEFAULT_SHARDS
from ca.crl.stored import read_der
from ca.crl.storing import ScopeBook, store_crl, withdraw_crls
from ca.epoch import read_epoch
from ca.errors import HierarchyMissing
from ca.models import AuthorityName
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock

DEFAULT_FULL_IN_ACT: Final = 2_000


class CrlAuthorities(Protocol):
    """Where publication finds the authorities that sign CRLs."""

    @property
    def root(self) -> Authority | RootWithoutKey:
        """Return the root."""
        ...

    @property
    def issuers(self) -> Mapping[AuthorityName, Authority]:
        """Return the issuing CAs that still sign, by name."""
        ...


@dataclass(frozen=True)
class CrlRules:
    """How CRLs are cut, where they are served and how long they last.

    `validity` runs from this_update to next_update. The full CRL of up to
    `full_in_act` entries is made anew in every revocation; a delta CRL that is
    longer than that has the job make a new full one. A CRL with less than
    `alarm` left alarms.
    """

    pki_url: str
    validity: timedelta
    refresh_after: timedelta
    shards: int = DEFAULT_SHARDS
    full_in_act: int = DEFAULT_FULL_IN_ACT
    alarm: timedelta = timedelta(0)


class CrlMaker:
    """Builds, proves and stores CRLs, in the caller's transaction."""

    def __init__(
        self, authorities: CrlAuthorities, audit: AuditLog, clock: Clock, rules: CrlRules
    ) -> None:
        self.rules = rules
        self.authorities = authorities
        self._audit = audit
        self._clock = clock

    def publish(
        self, session: Session, issuer: AuthorityName, scopes: Sequence[Scope], by: Actor
    ) -> dict[Scope, CrlRecord]:
        """Build, prove and store the next CRL of each scope; one audit entry tells of all.

        A long full CRL comes with an empty delta CRL. Raises `RootKeyOffline`,
        `HierarchyMissing` for an issuer that does not sign any more, and
        `CrlFault` when the gate refuses one.
        """
        # From here on nobody else publishes, and nothing is revoked.
        self._audit.lock_chain(session)
        authority = self._signing_authority(issuer)
        book, epoch = ScopeBook(session, issuer, scopes), read_epoch(session)
        done: dict[Scope, CrlRecord] = {}
        # Of many shards most are empty: that is asked once for all.
        used = find_used_shards(session, issuer) if len(scopes) > 2 else None
        for scope in scopes:
            is_empty = used is not None and scope not in (FULL, DELTA, *used)
            done[scope] = self._make(session, authority, book, scope, epoch, is_empty=is_empty)
        if FULL in done:
            self._follow_full(session, authority, book, epoch, done)
        self._audit.record(
            session,
            "crl.published",
            by=by,
            subject=f"crl:{issuer}",
            crls=[described(crl) for crl in done.values()],
        )
        return done

    def _follow_full(
        self,
        session: Session,
        authority: Authority,
        book: ScopeBook,
        epoch: int,
        done: dict[Scope, CrlRecord],
    ) -> None:
        """Keep the delta CRL in step: it starts from the newest full one, or there is none."""
        if done[FULL].entries > self.rules.full_in_act:
            done[DELTA] = self._make(session, authority, book, DELTA, epoch)
        elif book.newest(DELTA) is not None:
            withdraw_crls(session, authority.name, DELTA)

    def _make(
        self,
        session: Session,
        authority: Authority,
        book: ScopeBook,
        scope: Scope,
        epoch: int,
        *,
        is_empty: bool = False,
    ) -> CrlRecord:
        before = book.newest(scope)
        base = book.newest(FULL) if scope == DELTA else None
        left_out_before = before.this_update if before is not None and scope != DELTA else None
        must_list = (
            Listed(0, 0)
            if is_empty
            else self._must_list(session, authority.name, scope, base, left_out_before)
        )
        content = self._content(authority, book, scope, base, must_list.count)

        # 1. Build and sign.
        entries = (
            stream_changes(session, authority.name, base.epoch, must_list.count)
            if base is not None
            else stream_entries(session, authority.name, scope, left_out_before, must_list.count)
        )
        listed = (b"".join(some) for some in entries) if must_list.count else iter(())
        der = authority.signer.sign_crl(write_tbs(authority, content, listed))

        # 2. Prove.
        verify_new_crl(
            der,
            authority.certificate,
            authority.signer.public_key,
            Passage(
                content=content,
                must_list=must_list,
                previous=read_der(session, before) if before is not None else None,
                removable=expired_serials(session, before.this_update if before else None),
            ),
        )

        # 3. Store.
        return store_crl(
            session,
            book,
            scope,
            der,
            content,
            entries=must_list.count,
            epoch=epoch,
            left_out_before=left_out_before,
        )

    def _must_list(
        self,
        session: Session,
        issuer: AuthorityName,
        scope: Scope,
        base: CrlRecord | None,
        left_out_before: datetime | None,
    ) -> Listed:
        if scope == DELTA:
            if base is None:
                raise HierarchyMissing
            return count_changes(session, issuer, base.epoch)
        return count_ended(session, issuer, scope, left_out_before)

    def _content(
        self,
        authority: Authority,
        book: ScopeBook,
        scope: Scope,
        base: CrlRecord | None,
        entries: int,
    ) -> CrlContent:
        before = book.newest(scope)
        now = self._clock.now().replace(microsecond=0)
        # A clock that was set back must not stop a revocation: the new CRL
        # then begins where the one before began.
        earliest = [crl.this_update for crl in (before, base) if crl is not None]
        this_update = max(now, *earliest) if earliest else now
        end = authority.certificate.not_valid_after_utc
        content = CrlContent(
            crl_number=book.next_number(scope, this_update, is_empty=entries == 0),
            this_update=this_update,
            next_update=min(this_update + self.rules.validity, end),
        )
        if base is not None:
            return replace(content, base_number=base.crl_number)
        address = crl_address(self.rules.pki_url, authority.name, scope)
        if scope != FULL:
            return replace(content, addresses=book.addresses(scope, address))
        if entries > self.rules.full_in_act:
            delta = crl_address(self.rules.pki_url, authority.name, DELTA)
            return replace(content, freshest=delta)
        return content

    def _signing_authority(self, issuer: AuthorityName) -> Authority:
        root = self.authorities.root
        authority = root if issuer == root.name else self.authorities.issuers.get(issuer)
        if isinstance(authority, RootWithoutKey):
            raise RootKeyOffline
        if authority is None:
            raise HierarchyMissing
        return authority


def described(crl: CrlRecord) -> str:
    """Return name, number, entries and SHA-256 of a CRL, as auditors read them."""
    name = crl_name(crl.issuer, crl.scope)
    return f"{name} {crl.crl_number} {crl.entries} {crl.sha256.upper()}"
