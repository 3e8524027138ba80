"""A fresh CA for a test, and certificates from it, each overriding one thing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509

from ca.authorities import Hierarchy
from ca.hierarchy import HierarchyStore
from ca.issuance import Issuance
from ca.key_types import CaPrivateKey
from ca.keys import EncryptedFileKeys, KeyAlgorithm, generate_key
from ca.models import ProfileName
from ca.names.subject import Subject
from ca.profiles import Profiles, find_profile_file, settings_environment
from ca.profiles.lifetimes import Lifetimes
from ca.signing import Signers
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.randomness import Randomness, SystemRandomness
from tests.support.clock import FakeClock

SERVER_NAMES = ("portal.example.org", "127.0.0.1")
PKI_URL = "http://pki.example.org:8080"
PASSPHRASE = b"a passphrase for tests"
OPERATOR = Actor.operator()
UNIT = Subject.of_unit(
    username="wh000123", name="武汉长江贸易有限公司", credit_code="91420100MA4KXYZ12X"
)


@dataclass(frozen=True)
class Issued:
    """A certificate with the key that belongs to it."""

    serial_number: str
    certificate: x509.Certificate
    private_key: CaPrivateKey


@dataclass(frozen=True)
class Certification:
    """One CA with everything it is made of."""

    database: Database
    clock: FakeClock
    audit: AuditLog
    keys: EncryptedFileKeys
    profiles: Profiles
    store: HierarchyStore
    hierarchy: Hierarchy
    issuance: Issuance

    def issuer_certificates(self) -> list[x509.Certificate]:
        """Return the certificates of the issuing CAs, the one that issues now first."""
        return [issuer.certificate for issuer in self.hierarchy.issuers.values()]

    def issue(
        self,
        *,
        profile: ProfileName = "unit",
        subject: Subject = UNIT,
        subscriber: str | None = "wh000123",
        algorithm: KeyAlgorithm = "ecdsa-p256",
        server_names: Sequence[str] = (),
    ) -> Issued:
        """Return a new certificate."""
        serial_number, key = self.prepare(
            profile=profile,
            subject=subject,
            subscriber=subscriber,
            algorithm=algorithm,
            server_names=server_names,
        )
        certificate = self.issuance.complete(self.database, serial_number, OPERATOR)
        return Issued(serial_number, certificate, key)

    def prepare(
        self,
        *,
        profile: ProfileName = "unit",
        subject: Subject = UNIT,
        subscriber: str | None = "wh000123",
        algorithm: KeyAlgorithm = "ecdsa-p256",
        server_names: Sequence[str] = (),
    ) -> tuple[str, CaPrivateKey]:
        """Return the serial number of a prepared certificate, and its key."""
        key = generate_key(algorithm)
        with self.database.writing() as session:
            serial_number = self.issuance.reserve_serial(
                session, profile=profile, subscriber=subscriber, by=OPERATOR
            )
            self.issuance.prepare(
                session,
                serial_number,
                subject=subject,
                public_key=key.public_key(),
                by=OPERATOR,
                server_names=server_names,
            )
        return serial_number, key


def make_profiles(
    *, pki_url: str = PKI_URL, server_names: Sequence[str] = SERVER_NAMES
) -> Profiles:
    """Return the profiles of the repository's own `openssl.cnf`."""
    environment = settings_environment(pki_url=pki_url, server_names=server_names)
    return Profiles(find_profile_file(), environment)


def make_store(
    database: Database,
    folder: Path,
    *,
    clock: Clock | None = None,
    randomness: Randomness | None = None,
    algorithm: KeyAlgorithm = "ecdsa-p256",
    lifetimes: Lifetimes | None = None,
    pki_url: str = PKI_URL,
    server_names: Sequence[str] = SERVER_NAMES,
    signers: Signers | None = None,
) -> HierarchyStore:
    """Return the store of a hierarchy that need not exist yet; keys go to `folder`/keys."""
    clock = clock or FakeClock()
    return HierarchyStore(
        database=database,
        keys=EncryptedFileKeys(folder / "keys", PASSPHRASE),
        signers=signers,
        profiles=make_profiles(pki_url=pki_url, server_names=server_names),
        lifetimes=lifetimes or Lifetimes(),
        audit=AuditLog(clock),
        clock=clock,
        randomness=randomness or SystemRandomness(),
        algorithm=algorithm,
    )


def make_certification(
    database: Database,
    folder: Path,
    *,
    clock: FakeClock | None = None,
    algorithm: KeyAlgorithm = "ecdsa-p256",
    lifetimes: Lifetimes | None = None,
    pki_url: str = PKI_URL,
) -> Certification:
    """Make a CA in a database that has all tables."""
    clock = clock or FakeClock()
    # A moment later than the CA, so that backdating is not clamped away.
    store = make_store(
        database, folder, clock=clock, algorithm=algorithm, lifetimes=lifetimes, pki_url=pki_url
    )
    hierarchy = store.create(SERVER_NAMES, OPERATOR)
    clock.advance(timedelta(hours=1))
    return Certification(
        database=database,
        clock=clock,
        audit=AuditLog(clock),
        keys=EncryptedFileKeys(folder / "keys", PASSPHRASE),
        profiles=make_profiles(pki_url=pki_url),
        store=store,
        hierarchy=hierarchy,
        issuance=store.issuance(hierarchy),
    )
