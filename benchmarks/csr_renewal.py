"""Certificates per second over HTTP for who has one already: EST `simplereenroll`, step-ca renew.

The certificate itself says who may: nobody verifies a password or a token, and
each certificate takes a connection and an mTLS handshake of its own. Ours asks
for a new key and takes its request; step-ca certifies the same key again, and
anybody may renew as often as he likes, so one certificate serves it for all.
"""

import base64
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import update

from benchmarks.client import Answer, Connection
from benchmarks.installation import Installation
from benchmarks.measuring import Contender, Effort, race
from benchmarks.peers.installing import PeerMissing
from benchmarks.peers.requests import http_post, new_requests
from benchmarks.peers.step_ca import running_step_ca
from benchmarks.table import Row, rate_row
from benchmarks.visitors import Visitor, expect
from ca.models import CertificateRecord

_MOST = 10
_PATH = "/.well-known/est/simplereenroll"
_STEP_CA = "step-ca, bbolt, renewing"


def measure(installation: Installation, effort: Effort, folder: Path) -> list[Row]:
    """Return the rows; none when step-ca cannot be had, which is told."""
    most = min(effort.most, _MOST)
    with ExitStack() as stack:
        try:
            peer = stack.enter_context(running_step_ca(folder, "bbolt"))
        except PeerMissing as missing:
            print(f"{_STEP_CA} is not measured: {missing}", file=sys.stderr)
            return []
        ours = _renewing(installation, effort.rounds * most + 1)
        tls = peer.client_context(folder)
        again = http_post("localhost", "/1.0/renew", {}, b"")
        rates = race(
            [
                Contender("ours", [lambda: next(ours)], most=most),
                Contender(
                    _STEP_CA, [lambda: _once(201, Connection(peer.port, tls), again)], most=most
                ),
            ],
            effort,
        )
    what = "renew by certificate over HTTP, an mTLS connection each"
    return [rate_row(what, rates["ours"], _STEP_CA, rates[_STEP_CA])]


def _renewing(installation: Installation, count: int) -> Iterator[Answer]:
    """Renew the certificate of another unit each time."""
    visitors = [_settled(installation) for _ in range(count)]
    requests = [_request(visitor.certificate.subject) for visitor in visitors]
    for visitor, request in zip(visitors, requests, strict=True):
        yield _once(200, visitor.connect(), request)


def _once(status: int, connection: Connection, request: bytes) -> Answer:
    with connection:
        return expect(status, connection.exchange(request))


def _settled(installation: Installation) -> Visitor:
    """Return somebody who has logged in, and whose certificate is said to end soon."""
    visitor = installation.pick_up(installation.register_unit())
    visitor.enter()
    # As the table would say after two years; the certificate itself is not asked.
    ends = visitor.certificate.not_valid_before_utc + timedelta(days=30)
    with installation.house.database.writing() as session:
        session.execute(
            update(CertificateRecord)
            .where(CertificateRecord.serial_number == visitor.slip.serial_number)
            .values(not_after=ends)
        )
    return visitor


def _request(subject: x509.Name) -> bytes:
    der = next(new_requests(subject, alternative_names=False)).public_bytes(Encoding.DER)
    return http_post(
        "localhost", _PATH, {"Content-Type": "application/pkcs10"}, base64.b64encode(der)
    )
