"""A signer of one test: its desk, its folder, and a running server when wanted."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from asn1crypto import ocsp as asn1_ocsp
from asn1crypto.core import Null, OctetString
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca.hierarchy import HierarchyStore
from ca.keys import EncryptedFileKeys
from ca.profiles import Profiles
from ca.profiles.lifetimes import Lifetimes
from ca.signer import RemoteSigners, SignerServer, SigningDesk
from ca.signer.address import Address, UnixAddress
from ca.signer.connections import SignerConnections
from ca.signer.desk import SigningRates
from ca.signer.holdings import Holdings
from ca.signer.log import SignatureLog
from ca.signing import Signers
from foundation.audit import AuditLog
from foundation.database import Database
from foundation.randomness import SystemRandomness
from tests.support.certification import (
    OPERATOR,
    PASSPHRASE,
    SERVER_NAMES,
    Certification,
    make_profiles,
)
from tests.support.clock import FakeClock


@dataclass
class TestSigner:
    """What a signer is made of."""

    __test__ = False

    folder: Path
    clock: FakeClock
    keys: EncryptedFileKeys
    holdings: Holdings
    log: SignatureLog
    desk: SigningDesk


def make_signer(
    folder: Path,
    clock: FakeClock,
    *,
    ceremony: bool = True,
    rates: SigningRates = SigningRates(),  # noqa: B008 - frozen
    profiles: Profiles | None = None,
) -> TestSigner:
    """Return a signer in `folder`, whose keys and log stay there for the next one."""
    folder.mkdir(exist_ok=True)
    keys = EncryptedFileKeys(folder / "keys", PASSPHRASE)
    holdings = Holdings(keys, folder / "holdings")
    log = SignatureLog(folder / "signer.db", clock)
    desk = SigningDesk(
        holdings=holdings,
        profiles=profiles or make_profiles(),
        log=log,
        clock=clock,
        rates=rates,
        ceremony=ceremony,
    )
    return TestSigner(folder, clock, keys, holdings, log, desk)


@contextmanager
def serving(
    signer: TestSigner, address: Address | None = None, *, uids: tuple[int, ...] | None = None
) -> Iterator[RemoteSigners]:
    """Serve the desk and yield the gateway's side of it."""
    address = address or UnixAddress(signer.folder / "s.sock")
    server = SignerServer(signer.desk, address, uids if uids is not None else (os.getuid(),))
    thread = threading.Thread(target=server.serve)
    thread.start()
    connections = SignerConnections(address)
    try:
        yield RemoteSigners(connections)
    finally:
        connections.close()
        server.stop()
        thread.join()


def certification_of(
    database: Database, folder: Path, signers: Signers, clock: FakeClock
) -> Certification:
    """Return a CA whose keys the signer holds; the server's key stays with the gateway."""
    audit, profiles = AuditLog(clock), make_profiles()
    keys = EncryptedFileKeys(folder / "gateway-keys", PASSPHRASE)
    store = HierarchyStore(
        database=database,
        keys=keys,
        signers=signers,
        profiles=profiles,
        lifetimes=Lifetimes(),
        audit=audit,
        clock=clock,
        randomness=SystemRandomness(),
    )
    hierarchy = store.create(SERVER_NAMES, OPERATOR)
    clock.advance(timedelta(hours=1))
    return Certification(
        database=database,
        clock=clock,
        audit=audit,
        keys=keys,
        profiles=profiles,
        store=store,
        hierarchy=hierarchy,
        issuance=store.issuance(hierarchy),
    )


def draft_crl(
    issuer: x509.Certificate,
    clock: FakeClock,
    *,
    number: int,
    valid_for: timedelta = timedelta(days=7),
) -> bytes:
    """Return the TBSCertList of an empty full CRL."""
    drafted = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(clock.now())
        .next_update(clock.now() + valid_for)
        .add_extension(x509.CRLNumber(number), critical=False)
        .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    )
    return drafted.tbs_certlist_bytes


def draft_answer(
    signer: x509.Certificate,
    issuer: x509.Certificate,
    clock: FakeClock,
    *,
    begins_in: timedelta = timedelta(0),
    valid_for: timedelta | None = timedelta(minutes=5),
) -> bytes:
    """Return the ResponseData of an answer "good" in the name of `signer`, about now.

    Without `valid_for` it has no nextUpdate.
    """
    now = clock.now()
    request = ocsp.OCSPRequestBuilder().add_certificate(signer, issuer, hashes.SHA256()).build()
    asked = asn1_ocsp.OCSPRequest.load(request.public_bytes(Encoding.DER))
    key_hash = x509.SubjectKeyIdentifier.from_public_key(signer.public_key()).digest
    data = asn1_ocsp.ResponseData(
        {
            "responder_id": asn1_ocsp.ResponderId("by_key", OctetString(key_hash)),
            "produced_at": now,
            "responses": [
                {
                    "cert_id": asked["tbs_request"]["request_list"][0]["req_cert"].copy(),
                    "cert_status": asn1_ocsp.CertStatus("good", Null()),
                    "this_update": now + begins_in,
                    **({"next_update": now + valid_for} if valid_for is not None else {}),
                }
            ],
        }
    )
    der: bytes = data.dump()
    return der
