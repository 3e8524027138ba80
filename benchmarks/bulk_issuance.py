"""Certificates per second in bulk, from certification requests: stored, audited, handed out.

Beside bare `cryptography` on one core, which makes certificates with the same
content and keeps nothing. It stands there three times: taking the key out of the
same request, also verifying the request as ours does, and for one key that is
there already with everything else ready too. Ours verifies requests and
signatures in a second process (`ca.proofs`) and may so use the machine's other cores; therefore the
rows by processor time, of both its processes and not of a PostgreSQL server. The
table grows between the measurements; the rate should not change.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count, cycle, islice
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import NameOID, load_der_x509_csr

from benchmarks.crl_rows import fill
from benchmarks.installation import OPERATOR
from benchmarks.measuring import Contender, Effort, race
from benchmarks.postgresql import durable_postgresql
from benchmarks.raw_signing import Attributes, RawSigning
from benchmarks.table import Row, rate_row
from ca.csr import accept_csr
from ca.issuance import AnyOrder, Order, RequestedOrder
from ca.names.subject import Subject
from ca.proofs import VerifyingProcess
from foundation.settings import Settings
from gateway.composition.certification import Certification, certify
from gateway.composition.ground import lay_ground
from gateway.composition.initialisation import initialise
from tests.support.requests import der_request

# Six batches a run, so that what is done beside each other counts and what comes
# before the first and after the last of them does so too.
_RUN = 3_000
# When nobody looks at the figures.
_SHORT_RUN = 600
_SIZES = (1_000, 100_000, 1_000_000)

_READY = "`cryptography`, one ready key"
_READING = "`cryptography`, from the request"
_VERIFYING = "`cryptography`, verifying the request"


class Bulk:
    """People who come from another CA with keys of their own: 3,000 at once, each once."""

    def __init__(
        self, certification: Certification, verifier: VerifyingProcess, runs: int, size: int
    ) -> None:
        """Make requests for `runs` of each kind beforehand, `size` in each."""
        self._size = size
        self._certification = certification
        self._verifier = verifier
        self._numbers = count()
        self._requests = [self._new_requests() for _ in range(runs)]
        self._orders = [[_accept(one) for one in self._new_requests()] for _ in range(runs)]
        self._looked_at = cycle(self._requests[0])

    def from_requests(self) -> None:
        """Read and verify the requests of a run and issue."""
        self._issue(self._requests.pop())

    def from_ready_keys(self) -> None:
        """Issue for keys whose requests were accepted before."""
        self._issue(self._orders.pop())

    def bare(self, raw: RawSigning, *, verifying: bool) -> Callable[[], bytes]:
        """Return what certifies one request after the other with nothing but the library."""

        def one() -> bytes:
            order = next(self._looked_at)
            request = load_der_x509_csr(order.unverified_csr)
            if verifying:
                assert request.is_signature_valid
            key = request.public_key()
            assert isinstance(key, ec.EllipticCurvePublicKey)
            return raw.for_key(key, _attributes(order.subject))

        return one

    def _new_requests(self) -> list[RequestedOrder]:
        return [_request(number) for number in islice(self._numbers, self._size)]

    def _issue(self, orders: Sequence[AnyOrder]) -> None:
        issuance, database = self._certification.issuance, self._certification.ground.database
        for _ in issuance.issue_all(database, orders, OPERATOR, verifier=self._verifier):
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
    with VerifyingProcess() as verifier:
        # It has loaded its code when it has answered.
        verifier.begin_requests([])()
        for size in sizes:
            fill(ground.database, ground.clock.now(), size - there)
            there = size
            what = f"in bulk, {database}, {size:,} in the table"
            rows += _compare(certification, verifier, what, effort)
    return rows


def _compare(
    certification: Certification, verifier: VerifyingProcess, what: str, effort: Effort
) -> list[Row]:
    size = _RUN if effort.rounds >= 3 else _SHORT_RUN
    bulk = Bulk(certification, verifier, effort.rounds + 1, size)
    authority = certification.hierarchy.issuing
    model = next(
        certification.issuance.issue_all(certification.ground.database, [_model()], OPERATOR)
    )
    raw = RawSigning(authority, model)
    rates = race(
        [
            Contender(
                "requests",
                [bulk.from_requests],
                weight=size,
                most=1,
                elsewhere=verifier.processor_seconds,
            ),
            Contender(_READING, [bulk.bare(raw, verifying=False)]),
            Contender("keys", [bulk.from_ready_keys], weight=size, most=1),
            Contender(_VERIFYING, [bulk.bare(raw, verifying=True)]),
            Contender(_READY, [raw.with_ready_key]),
        ],
        effort,
    )
    return [
        *(
            rate_row(f"{what}, from requests", rates["requests"], baseline, rates[baseline])
            for baseline in (_READING, _VERIFYING, _READY)
        ),
        rate_row(
            f"{what}, from requests, by processor time",
            rates["requests"].by_processor,
            _READING,
            rates[_READING].by_processor,
        ),
        rate_row(f"{what}, accepted keys", rates["keys"], _READY, rates[_READY]),
    ]


def _request(number: int) -> RequestedOrder:
    username = f"bulk{number:06}"
    key = ec.generate_private_key(ec.SECP256R1())
    return RequestedOrder("unit", username, _subject(username, number), der_request(key))


def _accept(order: RequestedOrder) -> Order:
    key = accept_csr(order.unverified_csr).public_key
    return Order(order.profile, order.subscriber, order.subject, key)


def _attributes(subject: Subject) -> Attributes:
    """Return the words of the subject, with those that every profile has before them."""
    assert subject.organization is not None
    assert subject.organization_identifier is not None
    assert subject.user_id is not None
    return (
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, subject.organization),
        (NameOID.ORGANIZATION_IDENTIFIER, subject.organization_identifier),
        (NameOID.COMMON_NAME, subject.common_name),
        (NameOID.USER_ID, subject.user_id),
    )


def _model() -> Order:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return Order("unit", "model", _subject("model", _RUN), key)


def _subject(username: str, number: int) -> Subject:
    return Subject.of_unit(
        username=username,
        name=f"武汉长江贸易第{number}有限公司",
        credit_code=f"91420100MA{number:07}X",
    )


@contextmanager
def _opened(folder: Path, database_url: str | None = None) -> Iterator[Certification]:
    ground = lay_ground(Settings(data=folder / "data", database_url=database_url))
    try:
        initialise(ground, OPERATOR)
        yield certify(ground)
    finally:
        ground.database.dispose()
