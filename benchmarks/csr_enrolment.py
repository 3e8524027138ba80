"""Certificates per second over HTTP, one at a time, from requests: EST beside other CAs.

Everybody makes a certificate of a P-256 key from a PKCS#10 request over one
kept connection, and has it on the disk before the answer, but for step-ca on
badger. What it takes to be allowed
to differs: ours is a slip with its Argon2id password, django-ca's a user with a
PBKDF2 password, step-ca's a signed token. So ours and django-ca's are measured
a second time with passwords that cost nothing to verify.
"""

import base64
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from argon2 import PasswordHasher
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import update

from benchmarks import csr_renewal
from benchmarks.client import Answer, Connection
from benchmarks.installation import Installation
from benchmarks.measuring import Contender, Effort, race
from benchmarks.peers.django_ca import Hasher, running_django_ca
from benchmarks.peers.installing import PeerMissing
from benchmarks.peers.requests import http_post, new_requests
from benchmarks.peers.step_ca import Storage, running_step_ca
from benchmarks.table import Row, rate_row
from benchmarks.visitors import expect
from enrollment.models import Slip
from enrollment.slips.issuing import IssuedSlip

MOST = 20
_PATH = "/.well-known/est/simpleenroll"
# The least that Argon2 can be told to do.
_FREE = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

Exchange = Iterator[Answer]


def measure(installation: Installation, effort: Effort) -> list[Row]:
    """Return the rows of the subject; a peer that cannot be had is told and left out."""
    most = min(effort.most, MOST)
    count = effort.rounds * most + 1
    folder = installation.folder / "peers"
    with ExitStack() as stack:
        exchanges = {
            "ours": enrolling(installation, stack, count, for_nothing=False),
            "ours, for nothing": enrolling(installation, stack, count, for_nothing=True),
        }
        peers: dict[str, Callable[[], Exchange]] = {
            "django-ca": lambda: _django_ca(stack, folder / "1", "PBKDF2PasswordHasher"),
            "django-ca, for nothing": lambda: _django_ca(stack, folder / "2", "MD5PasswordHasher"),
            "step-ca, bbolt": lambda: step_ca(stack, folder / "3", "bbolt", count),
            "step-ca, badger": lambda: step_ca(stack, folder / "4", "badgerv2", count),
        }
        for name, start in peers.items():
            try:
                exchanges[name] = start()
            except PeerMissing as missing:
                print(f"{name} is not measured: {missing}", file=sys.stderr)
        rates = race([contender(name, one, most) for name, one in exchanges.items()], effort)
    rows = [
        rate_row(f"issue from a CSR over HTTP, {how}", rates[name], baseline, rates[baseline])
        for how, name, baseline in (
            ("slip password verified", "ours", "django-ca"),
            ("slip password verified", "ours", "step-ca, bbolt"),
            ("password for nothing", "ours, for nothing", "django-ca, for nothing"),
            ("password for nothing", "ours, for nothing", "step-ca, bbolt"),
            ("password for nothing", "ours, for nothing", "step-ca, badger"),
        )
        if baseline in rates
    ]
    return rows + csr_renewal.measure(installation, effort, folder / "5")


def contender(name: str, exchanges: Exchange, most: int) -> Contender:
    """Return who does one exchange at a time, and at most so many a round."""
    return Contender(name, [lambda: next(exchanges)], most=most)


def enrolling(
    installation: Installation, stack: ExitStack, count: int, *, for_nothing: bool
) -> Exchange:
    """Enroll with a slip each, over EST (RFC 7030 section 4.2.1)."""
    slips = [installation.register_unit() for _ in range(count)]
    if for_nothing:
        for slip in slips:
            _make_verification_free(installation, slip)
    requests = [_est_request(slip, octets) for slip, octets in zip(slips, _csrs(), strict=False)]
    tls = installation.keeper.client_context()
    return exchanged(stack, lambda: Connection(installation.ports.public, tls), 200, requests)


def _make_verification_free(installation: Installation, slip: IssuedSlip) -> None:
    with installation.house.database.writing() as session:
        session.execute(
            update(Slip)
            .where(Slip.serial_number == slip.serial_number)
            .values(download_password_hash=_FREE.hash(slip.download_password))
        )


def _est_request(slip: IssuedSlip, request: bytes) -> bytes:
    pair = f"{slip.serial_number}:{slip.download_password}".encode()
    headers = {
        "Authorization": f"Basic {base64.b64encode(pair).decode()}",
        "Content-Type": "application/pkcs10",
    }
    return http_post("localhost", _PATH, headers, base64.b64encode(request))


def _csrs() -> Iterator[bytes]:
    return (request.public_bytes(Encoding.DER) for request in new_requests())


def _django_ca(stack: ExitStack, folder: Path, hasher: Hasher) -> Exchange:
    peer = stack.enter_context(running_django_ca(folder, hasher))
    return exchanged(stack, peer.connect, 200, peer.sign_requests())


def step_ca(
    stack: ExitStack, folder: Path, storage: Storage, count: int, source: str = "db"
) -> Exchange:
    """Have requests signed by step-ca; raises `PeerMissing`."""
    peer = stack.enter_context(running_step_ca(folder, storage, source))
    return exchanged(stack, peer.connect, 201, list(islice(peer.sign_requests(), count)))


def exchanged(
    stack: ExitStack, connect: Callable[[], Connection], status: int, requests: Iterable[bytes]
) -> Exchange:
    """Exchange `requests` one by one; connect when the first one is asked for, not before."""
    connection = stack.enter_context(connect())
    for request in requests:
        yield expect(status, connection.exchange(request))
