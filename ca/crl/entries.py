"""Which certificates a full CRL lists (RFC 5280 section 5.3)."""

from collections.abc import Iterable
from datetime import datetime

from cryptography import x509
from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.models import AuthorityName, CertificateRecord
from ca.reasons import reason_flag


def list_entries(
    session: Session, issuer: AuthorityName, previous_update: datetime | None
) -> list[x509.RevokedCertificate]:
    """Return the entries of revoked and held certificates, oldest revocation first.

    An entry stays until it has been on one CRL made after the certificate's
    expiry (section 3.3): it is left out when the certificate had expired before
    `previous_update`, the this_update of the CRL before.
    """
    query = (
        select(
            CertificateRecord.serial_number,
            CertificateRecord.revoked_at,
            CertificateRecord.reason,
            CertificateRecord.invalidity_date,
        )
        .where(CertificateRecord.issuer == issuer)
        .where(CertificateRecord.state.in_(("revoked", "on_hold")))
        .order_by(CertificateRecord.revoked_at, CertificateRecord.serial_number)
    )
    if previous_update is not None:
        query = query.where(CertificateRecord.not_after >= previous_update)
    return [_entry(*row) for row in session.execute(query)]


def _entry(
    serial_number: str,
    revoked_at: datetime | None,
    reason: str | None,
    invalidity_date: datetime | None,
) -> x509.RevokedCertificate:
    assert revoked_at is not None, "set together with the state"
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(int(serial_number, 16))
        .revocation_date(revoked_at.replace(microsecond=0))
    )
    for extension in _entry_extensions(reason, invalidity_date):
        # Sections 5.3.1 and 5.3.2: both non-critical.
        builder = builder.add_extension(extension, critical=False)
    return builder.build()


def _entry_extensions(
    reason: str | None, invalidity_date: datetime | None
) -> Iterable[x509.ExtensionType]:
    flag = reason_flag(reason)
    if flag is not None:
        yield x509.CRLReason(flag)
    if invalidity_date is not None:
        yield x509.InvalidityDate(invalidity_date.replace(microsecond=0))
