"""Certificates per second in process: reserve, prepare, complete; durable and audited."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.installation import OPERATOR
from benchmarks.measuring import Contender, Effort, race
from benchmarks.openssl_ca import OpenSslCa, openssl_program
from benchmarks.postgresql import durable_postgresql
from benchmarks.raw_signing import RawSigning
from benchmarks.table import Row, rate_row
from ca.epoch import advance_epoch
from ca.names.subject import Subject
from foundation.settings import Settings
from gateway.composition.certification import Certification, certify
from gateway.composition.ground import lay_ground
from gateway.composition.initialisation import initialise

_SUBJECT = Subject.of_unit(
    username="wh000123", name="武汉长江贸易有限公司", credit_code="91420100MA4KXYZ12X"
)
_BATCH = 50

_READY = "`cryptography`, ready key"
_NEW = "`cryptography`, new key"
_ONE = "`openssl ca`, a process each"
_COMMITS = "3 durable commits of one row"
_MANY = f"`openssl ca`, {_BATCH} in a process"


class Issuing:
    """One certificate after the other, as a pickup issues them."""

    def __init__(self, certification: Certification) -> None:
        self._certification = certification
        self._ready_key = ec.generate_private_key(ec.SECP256R1()).public_key()

    def with_ready_key(self) -> x509.Certificate:
        """Issue for a key that exists already, as EST and a signing request do."""
        return self._issue(self._ready_key)

    def with_new_key(self) -> x509.Certificate:
        """Make a key and issue for it."""
        return self._issue(ec.generate_private_key(ec.SECP256R1()).public_key())

    def _issue(self, public_key: ec.EllipticCurvePublicKey) -> x509.Certificate:
        database, issuance = self._certification.ground.database, self._certification.issuance
        # In life a slip reserves the number and the pickup prepares it, days apart.
        with database.writing() as session:
            serial_number = issuance.reserve_serial(
                session, profile="unit", subscriber="wh000123", by=OPERATOR
            )
        with database.writing() as session:
            issuance.prepare(
                session, serial_number, subject=_SUBJECT, public_key=public_key, by=OPERATOR
            )
        return issuance.complete(database, serial_number, OPERATOR)


def measure(folder: Path, effort: Effort) -> list[Row]:
    """Return the rows of the subject."""
    with _opened(folder / "sqlite") as certification:
        rows = _compare(certification, folder, "SQLite", effort)
    with durable_postgresql() as url:
        if url is not None:
            with _opened(folder / "postgresql", url) as certification:
                rows += _compare(certification, folder, "PostgreSQL", effort)
    return rows


def _compare(
    certification: Certification, folder: Path, database: str, effort: Effort
) -> list[Row]:
    issuing = Issuing(certification)
    authority = certification.hierarchy.issuing
    raw = RawSigning(authority, issuing.with_ready_key())
    contenders = [
        Contender(_COMMITS, [lambda: _commit_thrice(certification)]),
        Contender("ready", [issuing.with_ready_key]),
        Contender(_READY, [raw.with_ready_key]),
        Contender("new", [issuing.with_new_key]),
        Contender(_NEW, [raw.with_new_key]),
    ]
    program = openssl_program()
    if program is not None:
        openssl = OpenSslCa(program, folder / f"openssl-{database}", authority)
        contenders += [
            Contender(_ONE, [openssl.issue]),
            Contender(_MANY, [lambda: openssl.issue(_BATCH)], weight=_BATCH),
        ]
    rates = race(contenders, effort)
    what = f"issue in process, {database}"
    rows = [
        rate_row(f"{what}, ready key", rates["ready"], _READY, rates[_READY]),
        rate_row(f"{what}, new key", rates["new"], _NEW, rates[_NEW]),
    ]
    return rows + [
        rate_row(f"{what}, ready key", rates["ready"], name, rates[name])
        for name in (_ONE, _MANY, _COMMITS)
        if name in rates
    ]


def _commit_thrice(certification: Certification) -> None:
    """The floor: reserving, preparing and storing each have to reach the disk."""
    for _ in range(3):
        with certification.ground.database.writing() as session:
            advance_epoch(session)


@contextmanager
def _opened(folder: Path, database_url: str | None = None) -> Iterator[Certification]:
    ground = lay_ground(Settings(data=folder / "data", database_url=database_url))
    try:
        initialise(ground, OPERATOR)
        yield certify(ground)
    finally:
        ground.database.dispose()
