"""The verifier of client certificates.

Its obligations, in the order in which it meets them:

1. What is presented is small and is one certificate in DER.
2. A result is used again only for the same octets, in the same revocation epoch,
   and while certificate and CRLs are valid. The epoch is read from the database
   on every call, so an act of any process counts at once.
3. It is on record: we issued exactly these octets, under one of the profiles this
   verifier is for. A certificate nobody recorded is not trusted, whoever signed it.
4. A valid path leads through the CA that issued it to our root (RFC 5280
   section 6.1), strictly, now, with every certificate but the root checked
   against the current CRL that it points at (6.3). Without a current CRL
   nothing is verified: it fails closed, unless the policy gives the last one a
   grace.
5. Nothing on the path has ended since the trust store was made.
6. The certificate is made for client authentication, and its record is in
   state "good".
7. Nothing outside the database says that it has ended: a journal that knows
   more than a restored database (`ca.journal`).

Not checked here: that the peer holds the private key (TLS proves it), that the
certificate is the subscriber's current one, and what the subscriber may do.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import NameOID
from sqlalchemy.orm import Session

from ca.crl.scopes import scope_of
from ca.epoch import read_epoch
from ca.journal.unreconciled import require_reconciled
from ca.models import CertificateRecord, ProfileName
from ca.profiles import SUBSCRIBER_PROFILES
from ca.records import find_record
from ca.verification.certificate import (
    PresentedCertificate,
    VerifiedCertificate,
    fingerprint_of_leaf,
    read_leaf,
)
from ca.verification.memory import VerificationMemory
from ca.verification.path import Fault, PathRefused, validate_path
from ca.verification.purpose import require_client_purpose
from ca.verification.stores import TrustStores
from ca.verification.trust import TrustKey, TrustStore
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Denied, Unavailable

_REMEMBERED = 10_000


class ClientCertificateVerifier:
    """Verifies client certificates against the database; safe for many threads."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        profiles: Collection[ProfileName] = SUBSCRIBER_PROFILES,
        remembered: int = _REMEMBERED,
        stale_crl_grace: timedelta = timedelta(0),
    ) -> None:
        """`profiles` are the kinds of holders let in: subscribers, unless said otherwise.

        `remembered` bounds how many results are kept for the present epoch.

        `stale_crl_grace` is how long a CRL is believed after its end when there
        is no newer one; by default not at all.
        """
        self._database = database
        self._clock = clock
        self._profiles = frozenset(profiles)
        self._memory = VerificationMemory(remembered)
        self._stores = TrustStores(stale_crl_grace)

    def verify(self, unverified_chain: Sequence[bytes]) -> VerifiedCertificate:
        """Return the verified leaf of a chain of DER certificates, leaf first.

        Raises `Denied` with "certificate-required", "certificate-expired",
        "certificate-revoked" (held counts as revoked; parameter `reason`) or
        "certificate-untrusted", and `Unavailable` with "crl-stale" or
        "revocations-unknown".
        """
        # 1. (size)
        fingerprint = fingerprint_of_leaf(unverified_chain)
        now = self._clock.now()
        with self._database.reading() as session:
            # 2. The epoch first: what is read after it is at least as new.
            epoch = read_epoch(session)
            known = self._memory.find(fingerprint, epoch, now)
            if known is not None:
                return known
            # 1. (form)
            presented = read_leaf(unverified_chain[0], fingerprint)
            verified, valid_until = self._verify(session, presented, now)
        self._memory.keep(verified, epoch, valid_until)
        return verified

    def verify_in(self, epoch: int, unverified_chain: Sequence[bytes]) -> VerifiedCertificate:
        """As `verify`, for who has read the `epoch` from the database for this very call."""
        fingerprint = fingerprint_of_leaf(unverified_chain)
        known = self._memory.find(fingerprint, epoch, self._clock.now())
        return known or self.verify(unverified_chain)

    def _verify(
        self, session: Session, presented: PresentedCertificate, now: datetime
    ) -> tuple[VerifiedCertificate, datetime]:
        # 3.
        record = _record_of(session, presented)
        if record is None or not self._is_for(record):
            raise Denied("certificate-untrusted")

        # 4.
        trust = self._stores.get(session, _key_of(record), now)
        try:
            path = validate_path(presented.certificate, trust)
        except PathRefused as refused:
            raise _refusal(refused.fault, record) from refused

        # 5.
        valid_until = _require_still_valid(path, trust, now)

        # 6.
        require_client_purpose(path)
        if record.state != "good":
            raise _refusal(Fault.REVOKED, record)

        # 7.
        require_reconciled(session, record.serial_number)
        verified = VerifiedCertificate(
            serial_number=record.serial_number,
            subscriber=record.subscriber or _common_name(presented),
            profile=record.profile,
            fingerprint_sha256=presented.fingerprint_sha256,
            not_after=presented.certificate.not_valid_after_utc,
        )
        return verified, valid_until

    def _is_for(self, record: CertificateRecord) -> bool:
        if record.profile in SUBSCRIBER_PROFILES and record.subscriber is None:
            return False
        return record.profile in self._profiles


def _common_name(presented: PresentedCertificate) -> str:
    # A service of ours is no subscriber; lint demands this attribute of it.
    names = presented.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value)


def _key_of(record: CertificateRecord) -> TrustKey:
    return TrustKey(record.issuer, scope_of(record.crl_shard))


def _require_still_valid(
    path: Sequence[x509.Certificate], trust: TrustStore, now: datetime
) -> datetime:
    """Return until when the result holds; raises like `verify` when that is over."""
    leaf, *authorities = path
    # RFC 5280 section 4.1.2.5: not_after itself is still part of the validity.
    # Times on certificates and CRLs are whole seconds, and so is the comparison.
    moment = now.replace(microsecond=0)
    if moment > trust.valid_until:
        raise Unavailable("crl-stale")
    if moment > leaf.not_valid_after_utc:
        raise Denied("certificate-expired")
    if any(moment > authority.not_valid_after_utc for authority in authorities):
        raise Denied("certificate-untrusted")
    return min(trust.valid_until, *(certificate.not_valid_after_utc for certificate in path))


def _record_of(session: Session, presented: PresentedCertificate) -> CertificateRecord | None:
    """Return the record of exactly these octets, or None."""
    record = find_record(session, presented.serial_number)
    if record is None or record.fingerprint_sha256 != presented.fingerprint_sha256:
        return None
    return record


def _refusal(fault: Fault, record: CertificateRecord) -> Denied | Unavailable:
    if fault is Fault.CRL_STALE:
        return Unavailable("crl-stale")
    if fault is Fault.UNTRUSTED:
        return Denied("certificate-untrusted")
    if fault is Fault.EXPIRED:
        return Denied("certificate-expired")
    return Denied("certificate-revoked", reason=record.reason or "unspecified")
