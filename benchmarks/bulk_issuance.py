"""Certificates per second in bulk, from certification requests: stored, audited, handed out.

Beside bare `cryptography` on one core, which keeps nothing: once with a key that
is there already, as the goal says, and once reading and verifying the same
requests. The table grows between the measurements; the rate should not change.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import load_der_x509_csr

from benchmarks.crl_rows import fill
from benchmarks.installation import OPERATOR
from benchmarks.measuring import Contender, Effort, race
from benchmarks.postgresql import durable_postgresql
from benchmarks.raw_signing import RawSigning
from benchmarks.table import Row, rate_row
from ca.csr import accept_csr
from ca.issuance import Order
from ca.subject import Subject
from foundation.settings import Settings
from gateway.composition.certification import Certification, certify
from gateway.composition.ground import lay_ground
from gateway.composition.initialisation import initialise
from tests.support.requests import der_request

_BATCH = 500
_SIZES = (1_000, 100_000, 1_000_000)

_BARE = "`cryptography`, ready key"
_BARE_REQUESTS = "`cryptography`, reading and verifying the request"


class Bulk:
    """The same people and their requests, again and again: they renew under their keys."""

    def __init__(self, certification: Certification) -> None:
        self._certification = certification
        self._requests = [_request(number) for number in range(_BATCH)]
        self._orders = [self._accept(*each) for each in self._requests]
        self._next = 0

    def from_requests(self) -> None:
        """Read and verify 500 requests and issue."""
        self._issue([self._accept(*each) for each in self._requests])

    def from_ready_keys(self) -> None:
        """Issue for 500 keys whose requests were accepted before."""
        self._issue(self._orders)

    def bare(self, raw: RawSigning) -> Callable[[], bytes]:
        """Return what reads, verifies and signs one request with nothing but the library."""

        def one() -> bytes:
            self._next = (self._next + 1) % _BATCH
            request = load_der_x509_csr(self._requests[self._next][2])
            assert request.is_signature_valid
            key = request.public_key()
            assert isinstance(key, ec.EllipticCurvePublicKey)
            return raw.for_key(key)

        return one

    def _accept(self, username: str, subject: Subject, request: bytes) -> Order:
        return Order("unit", username, subject, accept_csr(request).public_key)

    def _issue(self, orders: list[Order]) -> None:
        issuance, database = self._certification.issuance, self._certification.ground.database
        for _ in issuance.issue_all(database, orders, OPERATOR):
            pass


def measure(folder: Path, effort: Effort) -> list[Row]:
    """Return the rows of both databases; few rounds leave out the large sizes."""
    sizes = _SIZES[: 1 if effort.rounds < 3 else 2 if effort.rounds < 7 else 3]
    with _opened(folder / "sqlite") as certification:
        rows = _at_each_size(certification, "SQLite", sizes, effort)
    with durable_postgresql() as url:
        if url is not None:
            with _opened(folder / "postgresql", url) as certification:
                rows += _at_each_size(certification, "PostgreSQL", sizes, effort)
    return rows


def _at_each_size(
    certification: Certification, database: str, sizes: tuple[int, ...], effort: Effort
) -> list[Row]:
    rows, there = [], 0
    ground = certification.ground
    for size in sizes:
        fill(ground.database, ground.clock.now(), size - there)
        there = size
        rows += _compare(certification, f"in bulk, {database}, {size:,} in the table", effort)
    return rows


def _compare(certification: Certification, what: str, effort: Effort) -> list[Row]:
    bulk = Bulk(certification)
    authority = certification.hierarchy.issuing
    model = next(
        certification.issuance.issue_all(certification.ground.database, [_model()], OPERATOR)
    )
    raw = RawSigning(authority, model)
    rates = race(
        [
            Contender("requests", [bulk.from_requests], weight=_BATCH, most=4),
            Contender(_BARE, [raw.with_ready_key]),
            Contender("keys", [bulk.from_ready_keys], weight=_BATCH, most=4),
            Contender(_BARE_REQUESTS, [bulk.bare(raw)]),
        ],
        effort,
    )
    return [
        rate_row(f"{what}, from requests", rates["requests"], _BARE, rates[_BARE]),
        rate_row(
            f"{what}, from requests", rates["requests"], _BARE_REQUESTS, rates[_BARE_REQUESTS]
        ),
        rate_row(f"{what}, accepted keys", rates["keys"], _BARE, rates[_BARE]),
    ]


def _request(number: int) -> tuple[str, Subject, bytes]:
    username = f"bulk{number:06}"
    key = ec.generate_private_key(ec.SECP256R1())
    return username, _subject(username), der_request(key)


def _model() -> Order:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return Order("unit", "model", _subject("model"), key)


def _subject(username: str) -> Subject:
    return Subject.of_unit(
        username=username, name="武汉长江贸易有限公司", credit_code="91420100MA4KXYZ12X"
    )


@contextmanager
def _opened(folder: Path, database_url: str | None = None) -> Iterator[Certification]:
    ground = lay_ground(Settings(data=folder / "data", database_url=database_url))
    try:
        initialise(ground, OPERATOR)
        yield certify(ground)
    finally:
        ground.database.dispose()
