"""Acts read from a CRL of ours that somebody else still has.

A relying party or a cache may hold a list that is newer than the database that
was brought back. Its signature makes it good evidence, from wherever it comes;
what was revoked after its thisUpdate it does not tell.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.encoding.not_readable import NOT_READABLE
from ca.journal.entry import JournalEntry
from ca.models import AuthorityRecord
from ca.reasons import UNSPECIFIED
from ca.serial_numbers import serial_number_of
from foundation.errors import Invalid


class CrlRefused(Invalid):
    """The file is no CRL, or none that one of our authorities signed."""

    def __init__(self) -> None:
        super().__init__("reconcile-crl-refused")


@dataclass(frozen=True)
class ToldByCrl:
    """What a CRL tells. `is_full` when it lists every certificate of its issuer."""

    issuer: str
    crl_number: int
    this_update: datetime
    is_full: bool
    entries: tuple[JournalEntry, ...]


def read_crl(session: Session, unverified: bytes, epoch: int) -> ToldByCrl:
    """Return what a CRL in DER or PEM tells; its signature is verified. Raises `CrlRefused`.

    The entries carry `epoch`. Whether the CRL is out of date is not asked: what
    was revoked once is revoked.
    """
    crl = _load(unverified)
    for authority in session.scalars(select(AuthorityRecord)):
        certificate = x509.load_der_x509_certificate(authority.certificate)
        if certificate.subject == crl.issuer and _is_signed_by(crl, certificate):
            return ToldByCrl(
                issuer=authority.name,
                crl_number=_crl_number(crl),
                this_update=crl.last_update_utc,
                is_full=_is_full(crl),
                entries=tuple(_entries(crl, authority.name, epoch)),
            )
    raise CrlRefused


def _load(unverified: bytes) -> x509.CertificateRevocationList:
    try:
        is_pem = unverified.lstrip().startswith(b"-----BEGIN")
        crl = (x509.load_pem_x509_crl if is_pem else x509.load_der_x509_crl)(unverified)
        # These are parsed when they are first asked for.
        _ = (crl.issuer, crl.extensions)
    except NOT_READABLE as malformed:
        raise CrlRefused from malformed
    return crl


def _is_signed_by(crl: x509.CertificateRevocationList, authority: x509.Certificate) -> bool:
    try:
        return crl.is_signature_valid(authority.public_key())  # type: ignore[arg-type]
    except NOT_READABLE:
        # A signature of another kind than the authority's key.
        return False


def _crl_number(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def _is_full(crl: x509.CertificateRevocationList) -> bool:
    """Say whether it is neither a delta nor a shard (RFC 5280 sections 5.2.4 and 5.2.5)."""
    for extension in crl.extensions:
        match extension.value:
            case x509.DeltaCRLIndicator():
                return False
            case x509.IssuingDistributionPoint() as scope:
                return scope.full_name is None and scope.relative_name is None
    return True


def _entries(
    crl: x509.CertificateRevocationList, issuer: str, epoch: int
) -> Iterator[JournalEntry]:
    number = _crl_number(crl)
    for revoked in crl:
        reason, invalidity_date = _extensions(revoked)
        if reason is x509.ReasonFlags.remove_from_crl:
            # An officer may release again; a list from outside lifts no hold.
            continue
        yield JournalEntry(
            epoch=epoch,
            act="held" if reason is x509.ReasonFlags.certificate_hold else "revoked",
            issuer=issuer,
            serial_number=serial_number_of(revoked.serial_number),
            at=revoked.revocation_date_utc,
            reason=reason.value if reason is not None else UNSPECIFIED,
            invalidity_date=invalidity_date,
            crl_number=number,
        )


def _extensions(
    revoked: x509.RevokedCertificate,
) -> tuple[x509.ReasonFlags | None, datetime | None]:
    reason: x509.ReasonFlags | None = None
    invalidity_date: datetime | None = None
    for extension in revoked.extensions:
        match extension.value:
            case x509.CRLReason() as found:
                reason = found.reason
            case x509.InvalidityDate() as since:
                invalidity_date = since.invalidity_date_utc
    return reason, invalidity_date
