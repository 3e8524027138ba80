"""Issuing certificates, in steps that a crash may interrupt anywhere.

1. reserve   the serial number, a row before anything exists under it
2. build     the content (TBS) from profile, subject and key
3. lint      every rule; nothing that breaks one goes further
4. intend    store the content and audit the intent; from here it is fixed
5. sign      exactly the stored content; when it was read back, linted once more
6. compare   what was signed with what was linted, and verify (`ca.signing`)
7. store     the certificate and audit it
8. hand out  only now does anybody see it

After a crash before 4 there is a number nobody uses; after 4 `complete` signs
the same content again. A signature that was lost before 7 was never handed
out, carries the same content, and is revoked with the same serial number.
"""

from collections.abc import Callable, Generator, Iterable, Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.crl.shards import DEFAULT_SHARDS, shard_of
from ca.issuance.authorities import IssuingAuthorities
from ca.issuance.bulk import BatchIssuance
from ca.issuance.completion import Completion
from ca.issuance.drafting import Drafting, Wanted
from ca.issuance.intents import Intent
from ca.issuance.known_keys import verify_keys_are_free
from ca.issuance.orders import NOTHING_ELSE, AnyOrder, Together
from ca.issuance.prepared_rows import insert_prepared, prepared_row
from ca.issuance.reconciliation import Reconciled, reconcile
from ca.issuance.reserved_rows import get_reserved, insert_reserved, wanted_of
from ca.models import NOT_GOOD, AuthorityName, CertificateRecord, ProfileName
from ca.names.subject import Subject
from ca.profiles import AUTHORITY_PROFILES, Profiles
from ca.profiles.lifetimes import Lifetimes
from ca.proofs import VERIFYING_HERE, Verifier
from ca.records import change_state
from ca.serial_numbers import draw_serial_number
from ca.weak_keys import Blocklist
from foundation.audit import Actor, AuditDraft, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.observing import NOBODY, Observer
from foundation.randomness import Randomness


class Issuance:
    """Issues end-entity certificates under the issuing CA."""

    def __init__(
        self,
        *,
        authorities: IssuingAuthorities,
        profiles: Profiles,
        lifetimes: Lifetimes,
        audit: AuditLog,
        clock: Clock,
        randomness: Randomness,
        crl_shards: int = DEFAULT_SHARDS,
        blocklist: Blocklist | None = None,
        observer: Observer = NOBODY,
    ) -> None:
        """`crl_shards` is into how many parts the CRL of certificates issued now is cut.

        `blocklist` are keys known to be published, when an operator provides them.
        """
        self._authorities = authorities
        self._audit = audit
        self._clock = clock
        self._randomness = randomness
        self._crl_shards = crl_shards
        self._drafting = Drafting(
            authorities=authorities,
            profiles=profiles,
            lifetimes=lifetimes,
            clock=clock,
            blocklist=blocklist,
        )
        self._completion = Completion(
            drafting=self._drafting, audit=audit, clock=clock, observer=observer
        )
        self._batches = BatchIssuance(
            authorities=authorities,
            drafting=self._drafting,
            audit=audit,
            clock=clock,
            randomness=randomness,
            crl_shards=crl_shards,
        )

    def reserve_serial(
        self,
        session: Session,
        *,
        profile: ProfileName,
        subscriber: str | None,
        by: Actor,
        issuer: AuthorityName | None = None,
    ) -> str:
        """Step 1: return a new serial number that is kept for this subscriber.

        It is the number of the certificate that `prepare` and `complete` make.
        `issuer` names an issuing CA; without it the one that issues now signs.
        """
        require_end_entity(profile)
        serial_number = draw_serial_number(self._randomness)
        columns = {
            "serial_number": serial_number,
            "issuer": issuer or self._authorities.issuing.name,
            "profile": profile,
            "crl_shard": shard_of(serial_number, self._crl_shards),
            "subscriber": subscriber,
            "state": "reserved",
            "created_at": self._clock.now(),
        }
        insert_reserved(session, columns)
        self._record(session, "certificate.reserved", serial_number, by, profile=profile)
        return serial_number

    def prepare(
        self,
        session: Session,
        serial_number: str,
        *,
        subject: Subject,
        public_key: PublicKeyTypes,
        by: Actor,
        server_names: Sequence[str] = (),
        key_name: str | None = None,
    ) -> Intent:
        """Steps 2 to 4, in the caller's transaction: fix what will be signed.

        What it returns spares `complete` some work, once that transaction is over.
        `server_names` are host names and addresses, for the profile "server"
        only; `key_name` names a key of the CA itself. Raises
        `CertificateNotFound`, `CertificateStateConflict` unless the number is
        reserved, `PublicKeyRefused`, `WeakPublicKey`, `KeyCompromised`,
        `KeyOfAnother`, `SubjectRefused` and `LintRefused`. Does not check that
        the asker holds the private key: `ca.csr` does.
        """
        record = get_reserved(session, serial_number)

        # 2. build and 3. lint
        wanted = wanted_of(record, server_names)
        drafted = self._drafting.draft(wanted, subject, public_key)

        # 4. intend
        self._audit.lock_chain(session)  # before the row, as `ca.revocation` does
        verify_keys_are_free(session, {str(drafted.columns["spki_sha256"]): record.subscriber})
        change_state(
            session, serial_number, ("reserved",), "prepared", key_name=key_name, **drafted.columns
        )
        self._record(
            session,
            "certificate.prepared",
            serial_number,
            by,
            profile=record.profile,
            tbs_sha256=drafted.tbs_sha256,
        )
        return Intent.in_transaction(session, wanted, drafted)

    def prepare_new(
        self,
        session: Session,
        *,
        profile: ProfileName,
        subscriber: str,
        subject: Subject,
        public_key: PublicKeyTypes,
        by: Actor,
    ) -> Intent:
        """Steps 1 to 4 at once, in the caller's transaction, for a key that is known already.

        Raises what `prepare` raises but for the number's state, and
        `SerialNumberTaken`; the transaction is to be given up then.
        """
        require_end_entity(profile)
        # 1. reserve
        serial_number = draw_serial_number(self._randomness)
        wanted = Wanted(
            serial_number=serial_number,
            profile=profile,
            issuer=self._authorities.issuing.name,
            crl_shard=shard_of(serial_number, self._crl_shards),
        )

        # 2. build and 3. lint
        drafted = self._drafting.draft(wanted, subject, public_key)

        # 4. intend
        self._audit.lock_chain(session)
        verify_keys_are_free(session, {str(drafted.columns["spki_sha256"]): subscriber})
        insert_prepared(session, [prepared_row(wanted, drafted, subscriber, self._clock.now())])
        steps = {"reserved": {}, "prepared": {"tbs_sha256": drafted.tbs_sha256}}
        self._audit.record_all(
            session,
            [
                AuditDraft(
                    f"certificate.{step}",
                    by,
                    f"certificate:{serial_number}",
                    facts={"profile": profile, **facts},
                )
                for step, facts in steps.items()
            ],
        )
        return Intent.in_transaction(session, wanted, drafted)

    def complete(
        self,
        database: Database,
        serial_number: str,
        by: Actor,
        *,
        intent: Intent | None = None,
        together: Callable[[Session], None] | None = None,
    ) -> x509.Certificate:
        """Steps 5 to 8: return the certificate of a prepared serial number.

        Opens its own transactions and must not be called inside one. Safe to
        repeat and to run in two places at once: there is one certificate, and
        everybody gets it. Raises `CertificateNotFound` and
        `CertificateStateConflict` for any other state than prepared or good.

        `intent` is what `prepare` returned for this number. `together` is done
        once, in the transaction that stores the certificate, or in one of its own
        when it is stored already, and perhaps in another thread
        (`Database.write_together`); what it raises undoes the storing, and the
        content stays prepared.
        """
        return self._completion.complete(
            database, serial_number, by, intent=intent, together=together
        )

    def issue_all(
        self,
        database: Database,
        orders: Iterable[AnyOrder],
        by: Actor,
        *,
        verifier: Verifier = VERIFYING_HERE,
        together: Together = NOTHING_ELSE,
    ) -> Generator[x509.Certificate]:
        """Yield the certificate of each order; see `BatchIssuance.issue_all`."""
        return self._batches.issue_all(database, orders, by, verifier=verifier, together=together)

    def abandon(self, session: Session, serial_number: str, by: Actor) -> None:
        """Give up a number before its certificate was issued; it is never used again.

        Raises `CertificateNotFound` and `CertificateStateConflict`.
        """
        self._audit.lock_chain(session)
        change_state(session, serial_number, ("reserved", "prepared"), "abandoned")
        self._record(session, "certificate.abandoned", serial_number, by)

    def abandon_refused(self, session: Session, serial_number: str, rule: str, by: Actor) -> None:
        """Give up prepared content that breaks `rule` by now; raises as `abandon` does."""
        self._audit.lock_chain(session)
        change_state(session, serial_number, ("prepared",), "abandoned")
        self._record(session, "certificate.abandoned", serial_number, by, rule=rule)

    def unfinished(self, session: Session) -> list[CertificateRecord]:
        """Return what is prepared and not issued: to be completed or abandoned, oldest first."""
        # With the words of the partial index: SQLite would read every certificate.
        query = select(CertificateRecord).where(CertificateRecord.state == "prepared", NOT_GOOD)
        return list(session.scalars(query.order_by(CertificateRecord.created_at)))

    def reconcile(self, database: Database, by: Actor) -> Reconciled:
        """Finish what a crash interrupted; see `ca.issuance.reconciliation`."""
        return reconcile(self, database, by)

    def _record(
        self, session: Session, action: str, serial_number: str, by: Actor, **facts: str
    ) -> None:
        subject = f"certificate:{serial_number}"
        self._audit.record(session, action, by=by, subject=subject, outcome="done", **facts)


def require_end_entity(profile: ProfileName) -> None:
    """Raise `ValueError` for a profile whose certificates are made with the hierarchy."""
    if profile in AUTHORITY_PROFILES:
        raise ValueError(f"certificates of profile {profile} are made with the hierarchy")
