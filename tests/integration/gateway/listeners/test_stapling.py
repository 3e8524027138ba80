"""OCSP stapling as the openssl command and GnuTLS see it (RFC 6066 section 8).

The clients look at the machine's own time, so the CA lives in it too.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus
from sqlalchemy import update

from ca.epoch import advance_epoch, read_epoch
from ca.models import CertificateRecord
from ca.ocsp import OcspResponder
from ca.ocsp.answers import Answer
from foundation.clock import SystemClock
from foundation.database import Database
from gateway.listeners.stapling import Staple, Stapler, Staples
from gateway.listeners.tls_context import TlsContext
from tests.integration.gateway.listeners.doors import Echo, OpenDoor, open_door
from tests.support.certification import OPERATOR, Certification, make_certification
from tests.support.clock import FakeClock
from tests.support.openssl import try_openssl
from tests.support.programs import try_run
from tests.support.schema import create_schema

HOST = "portal.example.org"
TRY_LATER = bytes.fromhex("30030a0103")


@dataclass
class StapledDoor:
    """A door whose staple a `Stapler` keeps, and the CA behind it."""

    ca: Certification
    door: OpenDoor
    tls: TlsContext
    staples: Staples
    stapler: Stapler
    responder: OcspResponder
    folder: Path
    is_answering: bool = True

    @property
    def leaf(self) -> x509.Certificate:
        return self.ca.hierarchy.server.certificate

    def staple(self) -> ocsp.OCSPResponse | None:
        """Return what lies ready about the certificate served."""
        der = self.staples.find(self.leaf)
        return ocsp.load_der_ocsp_response(der) if der else None

    def set_state(self, state: str) -> None:
        """Change the server certificate's state as a revocation does, epoch and all."""
        with self.ca.database.writing() as session:
            session.execute(
                update(CertificateRecord)
                .where(CertificateRecord.serial_number == f"{self.leaf.serial_number:X}")
                .values(state=state, revoked_at=self.ca.clock.now(), reason="keyCompromise")
            )
            advance_epoch(session)

    def handshake(self, *options: str) -> str:
        """Return what `openssl s_client -status` says; the chain and the staple must verify."""
        return try_openssl(
            "s_client", "-connect", f"127.0.0.1:{self.door.port}", "-servername", HOST,
            "-verify_hostname", HOST, "-CAfile", self.folder / "root.pem",
            "-verify_return_error", "-status", *options, stdin=b"Q\n",
        ).everything  # fmt: skip


@pytest.fixture
def stapled(tmp_path: Path, echo: Echo, nothing_logged: None) -> Iterator[StapledDoor]:
    with _stapled(tmp_path, echo) as stapled:
        yield stapled


@contextmanager
def _stapled(folder: Path, echo: Echo) -> Iterator[StapledDoor]:
    url = f"sqlite:///{folder / 'certgate.db'}"
    create_schema(url)
    database = Database(url)
    clock = FakeClock(SystemClock().now() - timedelta(hours=1))
    ca = make_certification(database, folder, clock=clock)  # moves the clock by an hour
    root = ca.hierarchy.root.certificate.public_bytes(Encoding.PEM)
    (folder / "root.pem").write_bytes(root)
    responder = OcspResponder(database=database, hierarchy=ca.hierarchy, clock=clock)
    staples = Staples(clock)
    server = ca.hierarchy.server
    tls = TlsContext(
        [server.certificate, server.issuing], server.private_key, find_staple=staples.find
    )

    def ask(request: bytes) -> Answer:
        return responder.answer(request) if held.is_answering else Answer(TRY_LATER)

    def epoch() -> int:
        with database.reading() as session:
            return read_epoch(session)

    stapler = Stapler(staples, ca.hierarchy, clock, ask, epoch)
    with open_door(echo, tls) as door:
        held = StapledDoor(ca, door, tls, staples, stapler, responder, folder)
        yield held
    database.dispose()


@pytest.mark.conformance
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_the_command_gets_a_good_answer_in_the_handshake(
    stapled: StapledDoor, version: str
) -> None:
    stapled.stapler.refresh()
    said = stapled.handshake(version)
    assert "OCSP Response Status: successful (0x0)" in said
    assert "Cert Status: good" in said
    assert f"Serial Number: {stapled.leaf.serial_number:X}" in said
    assert "Verify return code: 0 (ok)" in said


@pytest.mark.conformance
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_without_a_staple_the_handshake_goes_on(stapled: StapledDoor, version: str) -> None:
    said = stapled.handshake(version)
    assert "OCSP response: no response sent" in said
    assert "Verify return code: 0 (ok)" in said


@pytest.mark.conformance
def test_gnutls_verifies_the_staple(stapled: StapledDoor, tmp_path: Path) -> None:
    stapled.stapler.refresh()
    saved = tmp_path / "saved.der"
    said = try_run(
        "gnutls-cli", "gnutls-bin", "--port", str(stapled.door.port),
        f"--x509cafile={tmp_path / 'root.pem'}", f"--sni-hostname={HOST}",
        f"--verify-hostname={HOST}", f"--save-ocsp={saved}", "127.0.0.1", stdin=b"",
    ).everything  # fmt: skip
    assert "Status: The certificate is trusted" in said, said
    assert "OCSP status request" in said, said
    answer = ocsp.load_der_ocsp_response(saved.read_bytes())
    assert answer.certificate_status is OCSPCertStatus.GOOD


@pytest.mark.conformance
def test_gnutls_refuses_a_certificate_whose_staple_says_revoked(
    stapled: StapledDoor, tmp_path: Path
) -> None:
    """The client does look: a staple with another status would not pass."""
    stapled.stapler.refresh()
    stapled.set_state("revoked")
    request = ocsp.OCSPRequestBuilder().add_certificate(
        stapled.leaf, stapled.ca.hierarchy.server.issuing, hashes.SHA256()
    )
    answer = stapled.responder.answer(request.build().public_bytes(Encoding.DER))
    assert answer.this_update is not None
    assert answer.next_update is not None
    stapled.staples.put(Staple(stapled.leaf, 0, answer.der, answer.this_update, answer.next_update))
    said = try_run(
        "gnutls-cli", "gnutls-bin", "--port", str(stapled.door.port),
        f"--x509cafile={tmp_path / 'root.pem'}", f"--sni-hostname={HOST}",
        f"--verify-hostname={HOST}", "127.0.0.1", stdin=b"",
    ).everything  # fmt: skip
    assert "revoked" in said.lower(), said


def test_a_revocation_drops_the_staple(stapled: StapledDoor) -> None:
    stapled.stapler.refresh()
    assert stapled.staple() is not None
    stapled.set_state("revoked")
    stapled.stapler.refresh()
    assert stapled.staple() is None
    assert "no response sent" in stapled.handshake()


def test_another_revocation_renews_the_staple(stapled: StapledDoor) -> None:
    """It says "good" as of an epoch that has ended, so it is asked for again."""
    stapled.stapler.refresh()
    before = stapled.staples.find(stapled.leaf)
    with stapled.ca.database.writing() as session:
        advance_epoch(session)
    stapled.stapler.refresh()
    assert stapled.staples.find(stapled.leaf) not in (b"", before)


def test_it_is_renewed_when_half_of_its_life_is_over(stapled: StapledDoor) -> None:
    stapled.stapler.refresh()
    first = stapled.staple()
    assert first is not None
    assert first.next_update_utc is not None
    stapled.ca.clock.set(first.this_update_utc + timedelta(seconds=149))
    stapled.stapler.refresh()
    second = stapled.staple()
    assert second is not None
    assert second.this_update_utc == first.this_update_utc
    stapled.ca.clock.advance(seconds=1)
    stapled.stapler.refresh()
    third = stapled.staple()
    assert third is not None
    assert third.this_update_utc > first.this_update_utc


def test_an_old_one_is_kept_while_nobody_answers_but_not_past_its_end(
    stapled: StapledDoor,
) -> None:
    stapled.stapler.refresh()
    stapled.is_answering = False
    stapled.ca.clock.advance(minutes=4)
    stapled.stapler.refresh()
    assert stapled.staple() is not None
    stapled.ca.clock.advance(minutes=1)
    assert stapled.staple() is None


def test_nobody_answers_in_a_new_epoch_and_the_staple_is_dropped(stapled: StapledDoor) -> None:
    stapled.stapler.refresh()
    stapled.is_answering = False
    stapled.set_state("revoked")
    stapled.stapler.refresh()
    assert stapled.staple() is None


def test_a_clock_set_back_makes_a_new_one(stapled: StapledDoor) -> None:
    stapled.stapler.refresh()
    stapled.ca.clock.advance(minutes=-10)
    assert stapled.staple() is None
    stapled.stapler.refresh()
    assert stapled.staple() is not None


def test_a_renewed_certificate_has_its_own_staple(stapled: StapledDoor) -> None:
    stapled.stapler.refresh()
    old = stapled.leaf
    stapled.ca.store.renew_services(stapled.ca.hierarchy, [HOST, "127.0.0.1", "10.0.0.7"], OPERATOR)
    server = stapled.ca.hierarchy.server
    assert server.certificate != old
    stapled.tls.renew([server.certificate, server.issuing], server.private_key)
    # The old one's answer about another certificate would end every handshake.
    assert "no response sent" in stapled.handshake()
    stapled.stapler.refresh()
    said = stapled.handshake()
    assert "Cert Status: good" in said
    assert f"Serial Number: {server.certificate.serial_number:X}" in said
    assert stapled.staples.find(old) == b""


def test_it_runs_beside_the_doors_and_looks_when_woken(stapled: StapledDoor) -> None:
    async def watch() -> None:
        running = asyncio.create_task(stapled.stapler.run())
        await _until(lambda: stapled.staple() is not None)
        stapled.set_state("revoked")
        stapled.stapler.wake()
        await _until(lambda: stapled.staple() is None)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    async def _until(is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20
        while not is_so():
            assert time.monotonic() < deadline, "waited in vain"
            await asyncio.sleep(0.01)

    asyncio.run(watch())


def test_an_error_while_finding_it_costs_no_handshake(stapled: StapledDoor) -> None:
    def broken(_: x509.Certificate) -> bytes:
        raise RuntimeError("broken")

    server = stapled.ca.hierarchy.server
    tls = TlsContext([server.certificate, server.issuing], server.private_key, find_staple=broken)
    stapled.tls._context = tls._context
    assert "no response sent" in stapled.handshake()
