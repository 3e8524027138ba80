"""Peers stand beside us when they can be had, and no figure is invented when they cannot."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import repeat
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus

from benchmarks import csr_enrolment, csr_postgresql
from benchmarks.__main__ import run
from benchmarks.client import Answer
from benchmarks.measuring import Effort
from benchmarks.peers.installing import PeerMissing
from benchmarks.peers.openssl_ocsp import Known, running_openssl_ocsp
from foundation.clock import SystemClock
from foundation.database import Database
from tests.support.private_keys import private_key_of
from tests.support.revocation import make_revocable, request_for
from tests.support.schema import create_schema

LITTLE = Effort(rounds=1, seconds=0.01, most=2)


@pytest.mark.slow
def test_a_peer_that_cannot_be_had_is_told_and_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_: object) -> Iterator[Answer]:
        raise PeerMissing("no network")

    def there(*_: object) -> Iterator[Answer]:
        return repeat(Answer(201, b"", b""))

    monkeypatch.setattr(csr_enrolment, "_django_ca", missing)
    monkeypatch.setattr(csr_enrolment, "step_ca", there)
    monkeypatch.setattr(csr_postgresql, "step_ca", there)

    rows = run(["csr"], LITTLE, revocations=1)

    stores = {"step-ca, bbolt", "step-ca, badger", "step-ca, PostgreSQL"}
    assert {row.baseline for row in rows} == stores | {"step-ca, bbolt, renewing"}
    assert all(row.ours > 0 for row in rows)
    assert "django-ca is not measured: no network" in capsys.readouterr().err


def test_the_openssl_responder_knows_our_certificates(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'certgate.db'}"
    create_schema(url)
    database = Database(url)
    ca = make_revocable(database, tmp_path)
    issuing = ca.ca.hierarchy.issuing
    key = private_key_of(issuing)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    now = SystemClock().now()
    later = now + timedelta(days=100)
    known = [Known(0x41424344, later), Known(0x414243, later, now - timedelta(days=1))]

    with running_openssl_ocsp(tmp_path / "peer", issuing.certificate, key, known) as responder:
        statuses = {}
        for serial_number in ("41424344", "414243", "41"):
            sha1 = hashes.SHA1()  # noqa: S303  # it names the issuer
            request = request_for(issuing.certificate, serial_number, sha1)
            answer = httpx.post(
                responder.url, content=request, headers={"Content-Type": "application/ocsp-request"}
            )
            read = ocsp.load_der_ocsp_response(answer.content)
            statuses[serial_number] = read.certificate_status
    database.dispose()

    assert statuses == {
        "41424344": OCSPCertStatus.GOOD,
        "414243": OCSPCertStatus.REVOKED,
        "41": OCSPCertStatus.UNKNOWN,
    }
