"""Making a full CRL in a process of its own, so that its memory can be told."""

import multiprocessing
import resource
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import perf_counter

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from ca.models import ENDED, CertificateRecord
from ca.reasons import reason_flag
from foundation.audit import Actor
from foundation.database import Database
from tests.support.revocation import RevocableCa

# Linux tells the largest resident size in KiB.
_KIB_IN_MB = 1024


@dataclass(frozen=True)
class Made:
    """How long it took, and how much more memory than before."""

    seconds: float
    megabytes: float


def full_crl_by_us(ca: RevocableCa) -> Made:
    """Publish the full CRL as the job does: built, signed, proved and stored."""

    def publish() -> None:
        # A connection must not be shared with the process that this one comes from.
        ca.database.engine.dispose(close=False)
        with ca.database.writing() as session:
            ca.crls.publish(session, "issuing", Actor.system())

    return in_a_process(publish)


def full_crl_by_library(url: str) -> Made:
    """Build and sign the same list with the library, and keep it in memory."""

    def build() -> None:
        database = Database(url)
        key = ec.generate_private_key(ec.SECP256R1())
        with database.reading() as session:
            rows = session.execute(
                select(
                    CertificateRecord.serial_number,
                    CertificateRecord.revoked_at,
                    CertificateRecord.reason,
                ).where(ENDED)
            )
            entries = [_entry(*row) for row in rows]
        builder = x509.CertificateRevocationListBuilder(revoked_certificates=entries)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "CA")])
        now = entries[0].revocation_date_utc
        crl = (
            builder.issuer_name(name)
            .last_update(now)
            .next_update(now.replace(year=now.year + 1))
            .add_extension(x509.CRLNumber(1), critical=False)
            .sign(key, SHA256())
        )
        assert crl.public_bytes(Encoding.DER)

    return in_a_process(build)


def _entry(serial_number: str, revoked_at: object, reason: str | None) -> x509.RevokedCertificate:
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(int(serial_number, 16))
        .revocation_date(revoked_at)  # type: ignore[arg-type]
    )
    flag = reason_flag(reason)
    if flag is not None:
        builder = builder.add_extension(x509.CRLReason(flag), critical=False)
    return builder.build()


def in_a_process(work: Callable[[], None]) -> Made:
    """Run `work` in a child, whose memory goes with it; it opens connections of its own."""
    # Forked: the child has everything of its parent, and what it adds is told apart.
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=_report, args=(work, theirs))
    child.start()
    theirs.close()
    try:
        return ours.recv()  # type: ignore[no-any-return]
    finally:
        child.join()


def _report(work: Callable[[], None], parent: Connection) -> None:
    before = _largest()
    started = perf_counter()
    work()
    parent.send(Made(perf_counter() - started, max(1.0, _largest() - before)))


def _largest() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_IN_MB
