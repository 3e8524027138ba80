"""What lies in an edge's folder beside its configuration, as the database has it now.

Nothing is signed here: the agent has no key of an authority. The doors' server
certificate is one whose key lies in this machine's folder of keys; where there
is none, the operator puts `server.pem` there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.crl import CrlRecord, find_crl, read_der
from ca.errors import HierarchyMissing
from ca.key_types import EndEntityPrivateKey
from ca.keys import KeyStore
from ca.models import AuthorityRecord, CertificateRecord
from ca.names.authority_names import ROOT
from foundation.errors import Unavailable


@dataclass(frozen=True)
class ServerCertificate:
    """Chain and key of the doors, in PEM."""

    pem: bytes = field(repr=False)
    not_after: datetime


@dataclass(frozen=True)
class EdgeCrls:
    """The CRLs by which handshakes are checked.

    `numbers` tell them apart; at `half_life` the first of them is half over.
    """

    numbers: tuple[int, ...]
    half_life: datetime
    ends_at: datetime


def read_authorities(session: Session, now: datetime) -> dict[str, x509.Certificate]:
    """Return root and issuing CAs that are not over, by name; raises `HierarchyMissing`."""
    rows = session.execute(select(AuthorityRecord.name, AuthorityRecord.certificate)).all()
    found = {row.name: x509.load_der_x509_certificate(row.certificate) for row in rows}
    if ROOT not in found:
        raise HierarchyMissing
    return {
        name: certificate
        for name, certificate in sorted(found.items(), key=lambda item: (item[0] != ROOT, item[0]))
        if certificate.not_valid_after_utc > now
    }


def find_crls(session: Session, names: Sequence[str]) -> tuple[EdgeCrls, Sequence[CrlRecord]]:
    """Return the newest full CRL of each; raises `Unavailable` where there is none."""
    records = [find_crl(session, name) for name in names]
    found = [record for record in records if record is not None]
    if not found or len(found) != len(records):
        raise Unavailable("crl-stale")
    halves = [one.this_update + (one.next_update - one.this_update) / 2 for one in found]
    known = EdgeCrls(
        tuple(one.crl_number for one in found),
        min(halves),
        min(one.next_update for one in found),
    )
    return known, found


def crls_in_pem(session: Session, records: Sequence[CrlRecord]) -> bytes:
    """Return the CRLs one after the other; raises `Unavailable` when one was replaced."""
    return b"".join(
        x509.load_der_x509_crl(read_der(session, record)).public_bytes(Encoding.PEM)
        for record in records
    )


def find_server_certificate(
    session: Session, keys: KeyStore, now: datetime
) -> ServerCertificate | None:
    """Return the newest good server certificate whose key is in `keys`, or None."""
    query = (
        select(CertificateRecord.der, CertificateRecord.key_name, AuthorityRecord.certificate)
        .join(AuthorityRecord, AuthorityRecord.name == CertificateRecord.issuer)
        .where(CertificateRecord.profile == "server")
        .where(CertificateRecord.state == "good")
        .where(CertificateRecord.key_name.is_not(None))
        .where(CertificateRecord.not_after > now)
        .order_by(CertificateRecord.issued_at.desc())
    )
    for der, key_name, issuer in session.execute(query):
        key = keys.find(key_name) if key_name is not None else None
        if der is not None and isinstance(key, EndEntityPrivateKey):
            certificate = x509.load_der_x509_certificate(der)
            chain = in_pem([certificate, x509.load_der_x509_certificate(issuer)])
            return ServerCertificate(
                chain + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
                certificate.not_valid_after_utc,
            )
    return None


def in_pem(certificates: Sequence[x509.Certificate]) -> bytes:
    """Return certificates one after the other."""
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)
