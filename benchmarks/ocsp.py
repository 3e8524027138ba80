"""OCSP answers a second beside the `openssl ocsp` responder, however many certificates there are.

Both have the same standing of the same certificates, a delegated P-256 signer,
and the same askers. `openssl ocsp` signs every answer and closes after each; ours
is shown with connections kept, as clients and proxies keep them, and closed.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from sqlalchemy import select

from benchmarks.crl_rows import fill
from benchmarks.installation import Installation, running_installation
from benchmarks.listening import wait_for_listeners
from benchmarks.measuring import Contender, Effort, race
from benchmarks.ocsp_askers import KeptAskers, OneTimeAskers
from benchmarks.peers.installing import PeerMissing
from benchmarks.peers.openssl_ocsp import Known, OpenSslOcsp, running_openssl_ocsp
from benchmarks.peers.requests import http_post
from benchmarks.postgresql import durable_postgresql
from benchmarks.processor_time import per_second_of_processor
from benchmarks.table import Row, rate_row
from ca.models import CertificateRecord
from foundation.clock import SystemClock
from gateway.composition.house import House
from tests.support.private_keys import private_key_of

_SIZES = (1_000, 100_000, 1_000_000)
_CONNECTIONS = (1, 8)
_AHEAD = 16
# Asked about again and again: what browsers of one morning ask about.
_OFTEN = 500
_NONCE_OCTETS = 32
_BASELINE = "`openssl ocsp`, {}{} new connections at a time"

_PEERS = {"cached": "openssl", "nonce": "openssl nonce"}

Askers = KeptAskers | OneTimeAskers


@dataclass(frozen=True)
class _Responders:
    """Who is asked."""

    ours: Installation
    theirs: OpenSslOcsp

    def pid_of(self, name: str) -> int:
        """Return the process that is behind a contender."""
        return self.theirs.pid if name in _PEERS.values() else self.ours.server.pid


@dataclass(frozen=True)
class _Questions:
    """HTTP requests about certificates of the database; `once` is about each of them once."""

    cached: list[bytes]
    nonce: list[bytes]
    once: list[bytes]


def measure(folder: Path, effort: Effort) -> list[Row]:
    """Return the rows of both databases; few rounds leave out the large sizes."""
    sizes = _SIZES[: 1 if effort.rounds < 3 else 2 if effort.rounds < 7 else 3]
    rows: list[Row] = []
    for name in ("SQLite", "PostgreSQL"):
        # What a size costs does not depend on how many processes there are.
        several = [(sizes[0], _processors())] if len(sizes) > 1 else []
        for size, processes in [*((size, 1) for size in sizes), *several]:
            with _filled(folder / f"{name}-{size}-{processes}", name, size, processes) as filled:
                if filled is not None:
                    shown = f"{processes} processes" if processes > 1 else "1 process"
                    rows += _beside_openssl(filled, f"{size:,}, {name}, {shown}", effort)
    return rows


def _processors() -> int:
    return len(os.sched_getaffinity(0))


@contextmanager
def _filled(folder: Path, name: str, size: int, processes: int) -> Iterator[Installation | None]:
    """Serve `size` certificates, one in twenty revoked; None where there is no PostgreSQL."""
    with ExitStack() as stack:
        url = stack.enter_context(durable_postgresql()) if name == "PostgreSQL" else None
        if name == "PostgreSQL" and url is None:
            yield None
            return
        folder.mkdir()

        def prepare(house: House) -> None:
            fill(house.database, SystemClock().now(), size)

        installation = stack.enter_context(
            running_installation(folder, url, pki_processes=processes, prepare=prepare)
        )
        wait_for_listeners(installation.ports.pki, processes)
        yield installation


def _beside_openssl(installation: Installation, shown: str, effort: Effort) -> list[Row]:
    authority = installation.house.certification.hierarchy.issuing
    key = private_key_of(authority)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    known = _known(installation)
    try:
        with running_openssl_ocsp(
            installation.folder / "openssl-ocsp", authority.certificate, key, known
        ) as peer:
            responders = _Responders(installation, peer)
            questions = _questions(authority.certificate, [one.serial_number for one in known])
            rows: list[Row] = []
            for connections in _CONNECTIONS:
                rows += _rows(questions, responders, connections, shown, effort)
            return rows
    except PeerMissing:
        return []


def _rows(
    questions: _Questions, responders: _Responders, connections: int, shown: str, effort: Effort
) -> list[Row]:
    closing = _closing(questions)
    ours, theirs = responders.ours.ports.pki, responders.theirs.port
    askers: dict[str, Askers] = {
        "cached, kept": KeptAskers(ours, questions.cached, connections),
        "cached, closed": OneTimeAskers(ours, closing.cached, connections),
        f"cached, kept, {_AHEAD} sent ahead": KeptAskers(
            ours, questions.cached, connections, _AHEAD
        ),
        "first time, kept": KeptAskers(ours, questions.once, connections),
        "nonce, kept": KeptAskers(ours, questions.nonce, connections),
        "nonce, closed": OneTimeAskers(ours, closing.nonce, connections),
        f"nonce, kept, {_AHEAD} sent ahead": KeptAskers(ours, questions.nonce, connections, _AHEAD),
        _PEERS["cached"]: OneTimeAskers(theirs, closing.cached, connections),
        _PEERS["nonce"]: OneTimeAskers(theirs, closing.nonce, connections),
    }
    # No question of the first time is asked twice.
    once = {"first time, kept"}
    contenders = [
        Contender(
            name,
            [one.ask],
            weight=one.answers,
            most=len(questions.once) // (effort.rounds + 1) // one.answers
            if name in once
            else None,
        )
        for name, one in askers.items()
    ]
    for name in ("cached, kept", "nonce, kept"):  # what was asked before is in memory
        for _ in range(4 * _OFTEN // askers[name].answers):
            askers[name].ask()
    rates = race(contenders, effort)
    by_processor = {
        name: per_second_of_processor(
            responders.pid_of(name), one.ask, one.answers, effort.rounds * effort.seconds
        )
        for name, one in askers.items()
        if name not in once
    }
    for one in askers.values():
        one.close()
    rows: list[Row] = []
    for name in askers:
        if name in _PEERS.values():
            continue
        peer = _PEERS["nonce" if name.startswith("nonce") else "cached"]
        what = f"OCSP: {name}, {connections} connections, {shown}"
        baseline = _BASELINE.format("with nonce, " if peer == _PEERS["nonce"] else "", connections)
        rows.append(rate_row(what, rates[name], baseline, rates[peer]))
        if name in by_processor:
            rows.append(_processor_row(what, by_processor[name], baseline, by_processor[peer]))
    return rows


def _processor_row(what: str, ours: float, baseline: str, theirs: float) -> Row:
    name = f"{what}, by processor time"
    return Row(name, ours, baseline, theirs, ours / theirs, "/s of a processor")


def _known(installation: Installation) -> list[Known]:
    columns = select(
        CertificateRecord.serial_number, CertificateRecord.not_after, CertificateRecord.revoked_at
    ).where(CertificateRecord.profile == "unit")
    with installation.house.database.reading() as session:
        return [
            Known(int(serial_number, 16), not_after, revoked_at)
            for serial_number, not_after, revoked_at in session.execute(columns)
            if not_after is not None
        ]


def _questions(issuer: x509.Certificate, serial_numbers: Sequence[int]) -> _Questions:
    name = _sha1(issuer.subject.public_bytes())
    key = x509.SubjectKeyIdentifier.from_public_key(issuer.public_key()).digest

    def ask(serial_number: int, nonce: bytes | None = None) -> bytes:
        builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
            name,
            key,
            serial_number,
            hashes.SHA1(),  # noqa: S303
        )
        if nonce is not None:
            builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
        return _post(builder.build().public_bytes(Encoding.DER))

    often = serial_numbers[:_OFTEN]
    return _Questions(
        cached=[ask(number) for number in often],
        nonce=[ask(number, token_bytes(_NONCE_OCTETS)) for number in often for _ in range(4)],
        once=[ask(number) for number in serial_numbers[_OFTEN : _OFTEN + 20_000]],
    )


def _closing(questions: _Questions) -> _Questions:
    def close(requests: list[bytes]) -> list[bytes]:
        return [one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1) for one in requests]

    return _Questions(close(questions.cached), close(questions.nonce), [])


def _post(request: bytes) -> bytes:
    return http_post("localhost", "/ocsp", {"Content-Type": "application/ocsp-request"}, request)


def _sha1(octets: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA1())  # noqa: S303
    digest.update(octets)
    return digest.finalize()
