"""The CA's keys in a process of their own: what it does, and what it does not do."""

import json
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from ca.authorities import Authority
from ca.crl.shards import DEFAULT_SHARDS
from ca.errors import KeyUnavailable, LintRefused, SignerBusy, SigningFault
from ca.linting import lint
from ca.signer import RemoteSigners, SignerServer
from ca.signer.address import TlsAddress, UnixAddress
from ca.signer.connections import SignerConnections
from ca.signer.desk import SigningRates
from ca.signer.link import make_link
from ca.signer.messages import SignCertificate, SignCrl, SignOcsp
from ca.signing import KeySigner
from ca.signing.proof import verify_signature
from foundation.audit import Actor, AuditEntry
from foundation.clock import SystemClock
from foundation.database import Database
from tests.support.broken_key import BrokenKey
from tests.support.certification import PASSPHRASE, Certification, Issued
from tests.support.clock import FakeClock
from tests.support.drafts import authority, draft_end_entity
from tests.support.signer import (
    TestSigner,
    certification_of,
    draft_answer,
    draft_crl,
    make_signer,
    serving,
)


@pytest.fixture
def signer(tmp_path: Path) -> TestSigner:
    return make_signer(tmp_path / "signer", FakeClock())


@pytest.fixture
def remote(signer: TestSigner) -> Iterator[RemoteSigners]:
    with serving(signer) as signers:
        yield signers


@pytest.fixture
def ca(
    database: Database, tmp_path: Path, signer: TestSigner, remote: RemoteSigners
) -> Certification:
    return certification_of(database, tmp_path, remote, signer.clock)


def after_ceremony(
    tmp_path: Path,
    clock: FakeClock,
    rates: SigningRates = SigningRates(),  # noqa: B008 - frozen
) -> TestSigner:
    return make_signer(tmp_path / "signer", clock, ceremony=False, rates=rates)


def key_name(ca: Certification, profile: str) -> str:
    names = [path.stem for path in (ca.keys.path_of("x").parents[1] / "signer" / "keys").iterdir()]
    return next(name for name in names if name.startswith(profile))


def refusals(signer: TestSigner) -> list[str]:
    database = Database(f"sqlite:///{signer.folder / 'signer.db'}")
    try:
        with database.reading() as session:
            query = select(AuditEntry.facts).where(AuditEntry.outcome == "refused")
            return [json.loads(facts)["reason"] for facts in session.scalars(query)]
    finally:
        database.dispose()


def test_a_hierarchy_is_made_and_issues_and_no_key_of_it_is_with_the_gateway(
    ca: Certification, tmp_path: Path, signer: TestSigner
) -> None:
    issued: Issued = ca.issue()
    issued.certificate.verify_directly_issued_by(ca.hierarchy.issuing.certificate)
    held = {path.stem.split("-")[0] for path in (tmp_path / "signer" / "keys").iterdir()}
    kept = {path.stem.split("-")[0] for path in (tmp_path / "gateway-keys").iterdir()}
    assert held == {"root", "issuing", "ocsp"}
    assert kept == {"server"}
    assert signer.log.verify() >= 7  # three keys, root, issuing, ocsp, server, unit


def test_a_hierarchy_is_loaded_again_from_a_signer_that_was_restarted(
    ca: Certification, tmp_path: Path, signer: TestSigner
) -> None:
    restarted = after_ceremony(tmp_path, signer.clock)
    with serving(restarted, UnixAddress(tmp_path / "signer" / "2.sock")) as signers:
        ca.store._signers = signers
        hierarchy = ca.store.load(("portal.example.org", "127.0.0.1"), Actor.operator())
        again = replace(ca, hierarchy=hierarchy, issuance=ca.store.issuance(hierarchy))
        again.issue()


def test_crls_and_answers_are_signed_and_verify(ca: Certification) -> None:
    issuing = ca.hierarchy.issuing
    crl = x509.load_der_x509_crl(
        issuing.signer.sign_crl(draft_crl(issuing.certificate, ca.clock, number=1))
    )
    assert crl.is_signature_valid(issuing.signer.public_key)
    responder = ca.hierarchy.ocsp_signers["issuing"]
    tbs = draft_answer(responder.certificate, issuing.certificate, ca.clock)
    verify_signature(responder.signer.public_key, responder.signer.sign_ocsp(tbs), tbs)


# --- What a stolen gateway cannot get ----------------------------------------------


def test_outside_a_ceremony_a_root_signs_nothing_and_none_is_made(
    ca: Certification, tmp_path: Path, signer: TestSigner
) -> None:
    closed = after_ceremony(tmp_path, signer.clock)
    root = ca.hierarchy.root
    assert isinstance(root, Authority)
    request = SignCertificate(
        key=key_name(ca, "root"), serial_number="1", profile="issuing", issuer="issuing",
        server_names=(),
    )  # fmt: skip
    answer, octets = closed.desk.answer(
        request, ca.hierarchy.issuing.certificate.tbs_certificate_bytes, Actor("gateway")
    )
    assert (answer.verdict, answer.rule, octets) == ("refused", "no_ceremony", b"")
    with serving(closed, UnixAddress(tmp_path / "c.sock")) as signers, pytest.raises(SigningFault):
        signers.create("root-00", "ecdsa-p256")


def test_the_issuing_key_signs_no_authority(ca: Certification, signer: TestSigner) -> None:
    request = SignCertificate(
        key=key_name(ca, "issuing"), serial_number="1", profile="issuing", issuer="issuing",
        server_names=(),
    )  # fmt: skip
    tbs = ca.hierarchy.issuing.certificate.tbs_certificate_bytes
    answer, octets = signer.desk.answer(request, tbs, Actor("gateway"))
    assert (answer.verdict, answer.rule, octets) == ("refused", "profile_of_key", b"")
    assert "profile_of_key" in refusals(signer)


def test_content_that_breaks_its_profile_is_refused_here_too(
    ca: Certification, signer: TestSigner
) -> None:
    """The gateway's linter is taken over: its tokens are good for anything."""
    issued = ca.issue()
    tbs = issued.certificate.tbs_certificate_bytes
    request = SignCertificate(
        key=key_name(ca, "issuing"), serial_number=issued.serial_number, profile="server",
        issuer="issuing", server_names=("bank.example.com",),
    )  # fmt: skip
    answer, octets = signer.desk.answer(request, tbs, Actor("gateway"))
    assert answer.verdict in ("lint", "refused")
    assert octets == b""


def test_a_refusal_by_the_signers_profiles_is_a_lint_refusal_for_the_gateway(
    ca: Certification,
) -> None:
    """The token was made with another profile file than the signer's."""
    draft = draft_end_entity("unit")  # under another issuing CA altogether
    issuing = ca.hierarchy.issuing
    linted = lint(
        draft.tbs(), serial_number=draft.lint().serial_number, profile=draft.profile,
        issuer=draft.issuer, issuer_key=issuing.signer.public_key,
    )  # fmt: skip
    with pytest.raises(LintRefused):
        issuing.signer.sign_certificate(linted)


def test_no_second_certificate_under_a_serial_number(ca: Certification, signer: TestSigner) -> None:
    first = ca.issue()
    second = ca.issue()
    octets = second.certificate.tbs_certificate_bytes.replace(
        bytes.fromhex(second.serial_number), bytes.fromhex(first.serial_number)
    )
    request = SignCertificate(
        key=key_name(ca, "issuing"), serial_number=first.serial_number, profile="unit",
        issuer="issuing", crl_shard=int(second.serial_number, 16) % DEFAULT_SHARDS, server_names=(),
    )  # fmt: skip
    answer, signature = signer.desk.answer(request, octets, Actor("gateway"))
    assert (answer.verdict, signature) != ("done", b"")
    assert answer.rule == "serial_number_used"


def test_the_same_content_is_signed_again_after_a_lost_answer(
    ca: Certification, signer: TestSigner
) -> None:
    issued = ca.issue()
    request = SignCertificate(
        key=key_name(ca, "issuing"), serial_number=issued.serial_number, profile="unit",
        issuer="issuing", crl_shard=int(issued.serial_number, 16) % DEFAULT_SHARDS, server_names=(),
    )  # fmt: skip
    tbs = issued.certificate.tbs_certificate_bytes
    answer, signature = signer.desk.answer(request, tbs, Actor("gateway"))
    assert answer.verdict == "done"
    verify_signature(ca.hierarchy.issuing.signer.public_key, signature, tbs)


def test_a_crl_does_not_go_back(ca: Certification) -> None:
    issuing = ca.hierarchy.issuing
    issuing.signer.sign_crl(draft_crl(issuing.certificate, ca.clock, number=8))
    ca.clock.advance(timedelta(seconds=1))
    for number in (8, 7):
        with pytest.raises(SigningFault, match="crl_number_goes_back"):
            issuing.signer.sign_crl(draft_crl(issuing.certificate, ca.clock, number=number))
    issuing.signer.sign_crl(draft_crl(issuing.certificate, ca.clock, number=9))


@pytest.mark.parametrize("fault", ["issuer", "end", "octets"])
def test_a_crl_of_others_or_for_ever_is_refused(ca: Certification, fault: str) -> None:
    issuing, root = ca.hierarchy.issuing, ca.hierarchy.root
    match fault:
        case "issuer":
            tbs = draft_crl(root.certificate, ca.clock, number=1)
        case "end":
            tbs = draft_crl(issuing.certificate, ca.clock, number=1, valid_for=timedelta(days=4000))
        case _:
            tbs = b"\x30\x03\x02\x01\x05"
    with pytest.raises(SigningFault, match="crl_"):
        issuing.signer.sign_crl(tbs)


@pytest.mark.parametrize("content", ["certificate", "crl"])
def test_an_ocsp_key_signs_answers_only(ca: Certification, content: str) -> None:
    """Else its octets could be a certificate."""
    responder, issuing = ca.hierarchy.ocsp_signers["issuing"], ca.hierarchy.issuing
    tbs = (
        ca.issue().certificate.tbs_certificate_bytes
        if content == "certificate"
        else draft_crl(issuing.certificate, ca.clock, number=1)
    )
    with pytest.raises(SigningFault, match="ocsp_well_formed"):
        responder.signer.sign_ocsp(tbs)
    with pytest.raises(SigningFault, match="key_is_no_authority"):
        responder.signer.sign_crl(tbs)


def test_the_issuing_key_signs_no_answers(ca: Certification) -> None:
    issuing = ca.hierarchy.issuing
    tbs = draft_answer(issuing.certificate, issuing.certificate, ca.clock)
    with pytest.raises(SigningFault, match="key_is_no_ocsp_signer"):
        issuing.signer.sign_ocsp(tbs)


@pytest.mark.parametrize(
    ("changes", "passed", "rule"),
    [
        ({"valid_for": timedelta(days=30)}, timedelta(0), "ocsp_next_update"),
        ({"valid_for": None}, timedelta(0), "ocsp_next_update"),
        ({"begins_in": timedelta(minutes=6)}, timedelta(0), "ocsp_this_update"),
        ({}, timedelta(minutes=6), "ocsp_produced_at"),
        ({}, timedelta(minutes=-6), "ocsp_produced_at"),
    ],
    ids=["long", "for ever", "begins later", "old", "of the future"],
)
def test_an_answer_of_another_time_is_refused(
    ca: Certification, changes: dict[str, Any], passed: timedelta, rule: str
) -> None:
    responder, issuing = ca.hierarchy.ocsp_signers["issuing"], ca.hierarchy.issuing
    tbs = draft_answer(responder.certificate, issuing.certificate, ca.clock, **changes)
    ca.clock.advance(passed)
    with pytest.raises(SigningFault, match=rule):
        responder.signer.sign_ocsp(tbs)


def test_an_answer_of_another_responder_is_refused(ca: Certification) -> None:
    issuing = ca.hierarchy.issuing
    tbs = draft_answer(issuing.certificate, issuing.certificate, ca.clock)
    with pytest.raises(SigningFault, match="ocsp_responder"):
        ca.hierarchy.ocsp_signers["issuing"].signer.sign_ocsp(tbs)


def test_what_a_broken_key_made_of_a_crl_or_an_answer_never_leaves(
    ca: Certification, signer: TestSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signer proves each signature itself, as a gateway may not (issue 3, part 1)."""
    responder, issuing = ca.hierarchy.ocsp_signers["issuing"], ca.hierarchy.issuing
    for request, tbs in (
        (
            SignCrl(key=key_name(ca, "issuing")),
            draft_crl(issuing.certificate, ca.clock, number=1),
        ),
        (
            SignOcsp(key=key_name(ca, "ocsp")),
            draft_answer(responder.certificate, issuing.certificate, ca.clock),
        ),
    ):
        held = signer.holdings.find(request.key)
        assert held is not None
        key = held.signer.private_key
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        broken = replace(held, signer=KeySigner(BrokenKey(key, "signature")))
        monkeypatch.setattr(signer.holdings, "find", lambda _, broken=broken: broken)
        with pytest.raises(SigningFault, match="does not verify"):
            signer.desk.answer(request, tbs, Actor("gateway"))
        monkeypatch.undo()


def test_the_rate_is_bounded_and_comes_back(
    ca: Certification, tmp_path: Path, signer: TestSigner
) -> None:
    rates = SigningRates(certificates_per_minute=2)
    slow = after_ceremony(tmp_path, signer.clock, rates)
    with serving(slow, UnixAddress(tmp_path / "slow.sock")) as signers:
        authority = replace(ca.hierarchy.issuing, signer=signers.get(key_name(ca, "issuing")))
        hierarchy = replace(ca.hierarchy, issuing=authority, issuers={"issuing": authority})
        limited = replace(ca, hierarchy=hierarchy, issuance=ca.store.issuance(hierarchy))
        limited.issue()
        limited.issue()
        serial_number, _ = limited.prepare()
        with pytest.raises(SignerBusy):
            limited.issuance.complete(ca.database, serial_number, Actor.operator())
        signer.clock.advance(timedelta(seconds=30))
        limited.issuance.complete(ca.database, serial_number, Actor.operator())


# --- The door -------------------------------------------------------------------------


def test_another_user_is_not_let_in(signer: TestSigner) -> None:
    with (
        serving(signer, uids=(os.getuid() + 1,)) as signers,
        pytest.raises(KeyUnavailable),
    ):
        signers.find("issuing-00")


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">II", 0, 0),
        struct.pack(">II", 1 << 31, 0),
        struct.pack(">II", 2, 0) + b"{}",
        struct.pack(">II", 40, 0) + b'{"act":"find_key","key":"../../passwd"} ',
        struct.pack(">II", 39, 1 << 30) + b'{"act":"find_key","key":"issuing-00aa"}',
    ],
    ids=["http", "empty", "long", "no-act", "path", "body"],
)
def test_what_is_not_a_message_ends_the_connection_and_nothing_else(
    signer: TestSigner, remote: RemoteSigners, octets: bytes
) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(signer.folder / "s.sock"))
        connection.sendall(octets)
        with suppress(ConnectionResetError):  # unread octets are in the way of a quiet end
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(1) == b""
    assert remote.find("issuing-00") is None


def test_a_signer_that_is_away_is_a_typed_failure_and_found_again(
    signer: TestSigner, tmp_path: Path
) -> None:
    address = UnixAddress(signer.folder / "s.sock")
    with closing(SignerConnections(address)) as connections:
        away = RemoteSigners(connections)
        with pytest.raises(KeyUnavailable):
            away.find("issuing-00")
        with serving(signer):
            assert away.find("issuing-00") is None
        with pytest.raises(KeyUnavailable):
            away.find("issuing-00")
        with serving(signer):
            assert away.find("issuing-00") is None


def test_between_machines_each_side_trusts_one_certificate(
    signer: TestSigner, tmp_path: Path
) -> None:
    # OpenSSL looks at the link's certificates, at the real time.
    make_link(tmp_path / "link", SystemClock())
    make_link(tmp_path / "other", SystemClock())
    server = SignerServer(signer.desk, TlsAddress("127.0.0.1", 0, tmp_path / "link" / "signer"), ())
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        port = server.port
        good = TlsAddress("127.0.0.1", port, tmp_path / "link" / "gateway")
        with closing(SignerConnections(good)) as connections:
            signers = RemoteSigners(connections)
            made = signers.create("issuing-00", "ecdsa-p256")
            assert signers.get("issuing-00").public_key == made.public_key
        stranger = TlsAddress("127.0.0.1", port, tmp_path / "other" / "gateway")
        with (
            closing(SignerConnections(stranger)) as connections,
            pytest.raises(KeyUnavailable),
        ):
            RemoteSigners(connections).find("issuing-00")
    finally:
        server.stop()
        thread.join()


def test_a_key_is_made_once(remote: RemoteSigners) -> None:
    remote.create("issuing-0a", "ecdsa-p256")
    with pytest.raises(FileExistsError):
        remote.create("issuing-0a", "ecdsa-p256")


def test_a_key_without_a_certificate_signs_nothing(
    remote: RemoteSigners, signer: TestSigner
) -> None:
    made = remote.create("issuing-0a", "ecdsa-p256")
    issuer = authority("issuing").certificate
    with pytest.raises(SigningFault, match="key_is_no_authority"):
        made.sign_crl(draft_crl(issuer, signer.clock, number=1))


def test_a_certificate_is_introduced_for_its_key_only(
    remote: RemoteSigners, signer: TestSigner
) -> None:
    remote.create("issuing-0a", "ecdsa-p256")
    with pytest.raises(ValueError, match="not for this key"):
        signer.holdings.introduce("issuing-0a", authority("issuing").certificate)


def test_keys_at_the_signer_are_encrypted(remote: RemoteSigners, signer: TestSigner) -> None:
    remote.create("issuing-0a", "ecdsa-p256")
    content = signer.keys.path_of("issuing-0a").read_text()
    assert "ENCRYPTED" in content
    assert PASSPHRASE.decode() not in content
