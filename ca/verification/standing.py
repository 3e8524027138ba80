"""The standing of certificates by their digests, for connections that are open already."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.journal.unreconciled import refused_serials
from ca.models import CertificateRecord


def find_fallen(session: Session, fingerprints: Iterable[str]) -> frozenset[str]:
    """Return those SHA-256 fingerprints (hex) whose certificate is not in state "good".

    One that was never issued counts as fallen, and one that a journal names as
    ended and the database does not know of (`ca.journal`). Does not look at validity
    periods: `ca.verification` does, on every request.
    """
    asked = {fingerprint.upper(): fingerprint for fingerprint in fingerprints}
    good = session.scalars(
        select(CertificateRecord.fingerprint_sha256)
        .where(CertificateRecord.fingerprint_sha256.in_(asked))
        .where(CertificateRecord.state == "good")
        .where(CertificateRecord.serial_number.not_in(refused_serials()))
    )
    return frozenset(asked[fingerprint] for fingerprint in asked.keys() - set(good))
