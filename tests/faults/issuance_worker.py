"""A process that issues certificates and kills itself, exactly, at a place it is told.

Run as ``python -m tests.faults.issuance_worker WORK URL FOLDER PLACE``. It wraps
the database and the signer of an ordinary issuance; the program under test knows
nothing of it. Two files in FOLDER outlive the process: every signature that was
ever made, even when nobody was told of it, and every certificate handed out.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy.orm import Session

from ca.authorities import Authority
from ca.issuance import Issuance, Order
from ca.issuance.bulk import issuing
from ca.key_types import CaPublicKey
from ca.keys import generate_key
from ca.keys.algorithms import accept_public_key
from ca.keys.reading import read_public_key
from ca.linting import LintedTbs
from ca.models import AuthorityName
from ca.names.subject import Subject
from ca.signing import Signer, UnverifiedCertificate
from enrollment.pickup.many import ManyPickups
from foundation.audit import AuditLog
from foundation.database import Database
from tests.support.certification import OPERATOR, make_store
from tests.support.clock import FakeClock

SIGNED = "signed.txt"
HANDED_OUT = "handed-out.txt"
OWN_KEYS = "own-keys"
BATCH = 4
NOWHERE = "nowhere"


class Places:
    """Counts what has been reached, and dies at the one it was told."""

    def __init__(self, fatal: str) -> None:
        self._fatal = fatal
        self._reached: dict[str, int] = {}
        self._lock = threading.Lock()

    def reach(self, kind: str) -> None:
        """Note that the process is at the next place of this kind."""
        with self._lock:
            self._reached[kind] = self._reached.get(kind, 0) + 1
            if f"{kind} {self._reached[kind]}" == self._fatal:
                os.kill(os.getpid(), signal.SIGKILL)


class KillableDatabase(Database):
    """A database whose commits are places."""

    def __init__(self, url: str, places: Places) -> None:
        super().__init__(url)
        self._places = places

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Session]:
        with super().writing(durable=durable) as session:
            yield session
            session.flush()
            self._places.reach("before commit")
        self._places.reach("after commit")


class KillableSigner:
    """A signer whose signatures are places, and leak."""

    def __init__(self, real: Signer, places: Places, signed: Path) -> None:
        self._real = real
        self._places = places
        self._signed = signed

    @property
    def public_key(self) -> CaPublicKey:
        return self._real.public_key

    def sign_certificate(self, linted: LintedTbs) -> x509.Certificate:
        self._places.reach("before signature")
        certificate = self._real.sign_certificate(linted)
        self._leak(certificate)
        return certificate

    def sign_unverified(self, linted: LintedTbs) -> UnverifiedCertificate:
        self._places.reach("before signature")
        signed = self._real.sign_unverified(linted)
        self._leak(signed.certificate)
        return signed

    def _leak(self, certificate: x509.Certificate) -> None:
        write_down(self._signed, certificate)
        self._places.reach("after signature")

    def sign_crl(self, tbs: bytes) -> bytes:
        raise NotImplementedError

    def sign_ocsp(self, tbs: bytes) -> bytes:
        raise NotImplementedError


@dataclass(frozen=True)
class KillableAuthorities:
    """The issuing CA with such a signer."""

    issuing: Authority

    @property
    def issuers(self) -> Mapping[AuthorityName, Authority]:
        return {self.issuing.name: self.issuing}


def write_down(file: Path, certificate: x509.Certificate) -> None:
    """Append a certificate to a file, durably."""
    with file.open("a") as open_file:
        open_file.write(certificate.public_bytes(Encoding.DER).hex() + "\n")
        open_file.flush()
        os.fsync(open_file.fileno())


def issue_one(issuance: Issuance, database: Database, places: Places, folder: Path) -> None:
    """As a pickup does: reserve, later prepare, then complete."""
    key = generate_key("ecdsa-p256").public_key()
    with database.writing() as session:
        serial_number = issuance.reserve_serial(
            session, profile="person", subscriber="li.wei", by=OPERATOR
        )
    with database.writing() as session:
        issuance.prepare(
            session,
            serial_number,
            subject=Subject.of_person(username="li.wei", name="李伟"),
            public_key=key,
            by=OPERATOR,
        )
    certificate = issuance.complete(database, serial_number, OPERATOR)
    places.reach("before handing out")
    write_down(folder / HANDED_OUT, certificate)


def issue_batches(issuance: Issuance, database: Database, places: Places, folder: Path) -> None:
    """So many that several batches are begun at the same time."""
    full, issuing.BATCH = issuing.BATCH, BATCH // 2
    try:
        issue_batch(issuance, database, places, folder, count=2 * BATCH)
    finally:
        issuing.BATCH = full


def issue_batch(
    issuance: Issuance, database: Database, places: Places, folder: Path, *, count: int = BATCH
) -> None:
    """Several people at once, who have keys of their own."""
    orders = [
        Order(
            "person",
            f"person{number}",
            Subject.of_person(username=f"person{number}", name="王芳"),
            generate_key("ecdsa-p256").public_key(),
        )
        for number in range(count)
    ]
    for certificate in issuance.issue_all(database, orders, OPERATOR):
        places.reach("before handing out")
        write_down(folder / HANDED_OUT, certificate)


def issue_together(issuance: Issuance, database: Database, places: Places, folder: Path) -> None:
    """Several requests at once, which share commits as they come (`Database.write_together`)."""
    keys = [generate_key("ecdsa-p256").public_key() for _ in range(BATCH)]

    def issue(number: int) -> None:
        intent = database.write_together(
            lambda session: issuance.prepare_new(
                session,
                profile="person",
                subscriber=f"person{number}",
                subject=Subject.of_person(username=f"person{number}", name="王芳"),
                public_key=keys[number],
                by=OPERATOR,
            )
        )
        certificate = issuance.complete(
            database, intent.wanted.serial_number, OPERATOR, intent=intent
        )
        places.reach("before handing out")
        write_down(folder / HANDED_OUT, certificate)

    with ThreadPoolExecutor(BATCH) as threads:
        list(threads.map(issue, range(BATCH)))


def issue_for_slips(issuance: Issuance, database: Database, places: Places, folder: Path) -> None:
    """Certificates of open slips, for the keys in the folder by their usernames."""
    clock = FakeClock()
    pickups = ManyPickups(database=database, issuance=issuance, audit=AuditLog(clock), clock=clock)
    with database.reading() as session:
        wanted = [
            pickups.judge(session, file.stem, accept_public_key(read_public_key(file.read_bytes())))
            for file in sorted((folder / OWN_KEYS).iterdir())
        ]
    for _, certificate in pickups.make(wanted, OPERATOR):
        places.reach("before handing out")
        write_down(folder / HANDED_OUT, certificate)


def reconcile(issuance: Issuance, database: Database, places: Places, folder: Path) -> None:
    """What the server does at its start."""
    issuance.reconcile(database, OPERATOR)


WORKS: Mapping[str, Callable[[Issuance, Database, Places, Path], None]] = {
    "one": issue_one,
    "batch": issue_batch,
    "batches": issue_batches,
    "together": issue_together,
    "slips": issue_for_slips,
    "reconcile": reconcile,
}


def issuance_in(url: str, folder: Path, places: Places) -> tuple[Issuance, Database]:
    """Return the issuance of the hierarchy in `folder`, with places to die at."""
    clock = FakeClock()
    clock.advance(timedelta(hours=2))
    database = KillableDatabase(url, places)
    store = make_store(database, folder, clock=clock)
    issuing = store.load_authorities().issuing
    signer = KillableSigner(issuing.signer, places, folder / SIGNED)
    authorities = KillableAuthorities(replace(issuing, signer=signer))
    return store.issuance(authorities), database  # type: ignore[arg-type]


def main() -> None:
    """Do the work, unless death comes first."""
    work, url, folder, fatal = sys.argv[1:]
    places = Places(fatal)
    issuance, database = issuance_in(url, Path(folder), places)
    WORKS[work](issuance, database, places, Path(folder))


if __name__ == "__main__":
    main()
