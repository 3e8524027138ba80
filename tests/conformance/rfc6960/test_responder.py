"""The OCSP responder by sections of RFC 6960; rfc9654 has the nonce, rfc5019 the profile."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponseStatus
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from ca.ocsp import OcspResponder
from ca.ocsp.request import LONGEST_REQUEST
from foundation.database import Database
from tests.support.certification import OPERATOR
from tests.support.clock import FakeClock
from tests.support.pkilint import findings_on_ocsp_response
from tests.support.revocation import RevocableCa, request_for

pytestmark = pytest.mark.conformance

NEVER_ISSUED = "41424344454647484950"


def test_2_2_good(revocable: RevocableCa) -> None:
    answer = revocable.ask(revocable.issue().serial_number)
    assert answer.response_status is OCSPResponseStatus.SUCCESSFUL
    assert answer.certificate_status is OCSPCertStatus.GOOD


def test_2_2_revoked_with_time_and_reason(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    revocable.revoke(issued.serial_number, "cessationOfOperation")
    answer = revocable.ask(issued.serial_number)
    assert answer.certificate_status is OCSPCertStatus.REVOKED
    assert answer.revocation_reason is x509.ReasonFlags.cessation_of_operation
    assert answer.revocation_time_utc == revocable.ca.clock.now().replace(microsecond=0)


def test_2_2_a_reason_that_says_nothing_is_left_out(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    revocable.revoke(issued.serial_number, "unspecified")
    assert revocable.ask(issued.serial_number).revocation_reason is None


def test_2_2_a_hold_is_revoked_until_it_is_released(revocable: RevocableCa) -> None:
    issued = revocable.issue()
    revocable.hold(issued.serial_number)
    held = revocable.ask(issued.serial_number)
    assert held.certificate_status is OCSPCertStatus.REVOKED
    assert held.revocation_reason is x509.ReasonFlags.certificate_hold
    revocable.release(issued.serial_number)
    assert revocable.ask(issued.serial_number).certificate_status is OCSPCertStatus.GOOD


def _reserved(revocable: RevocableCa) -> str:
    with revocable.database.writing() as session:
        return revocable.ca.issuance.reserve_serial(
            session, profile="unit", subscriber="wh000123", by=OPERATOR
        )


def _prepared(revocable: RevocableCa) -> str:
    return revocable.ca.prepare()[0]


def _abandoned(revocable: RevocableCa) -> str:
    return revocable.revoke(_prepared(revocable)).serial_number


def _never_issued(_: RevocableCa) -> str:
    return NEVER_ISSUED


def _of_the_root(revocable: RevocableCa) -> str:
    # Issued by the root: as a number of the issuing CA nobody knows it.
    return f"{revocable.ca.hierarchy.issuing.certificate.serial_number:X}"


@pytest.mark.parametrize(
    "number_of", [_never_issued, _reserved, _prepared, _abandoned, _of_the_root]
)
def test_2_2_what_was_never_issued_is_unknown(
    revocable: RevocableCa, number_of: Callable[[RevocableCa], str]
) -> None:
    answer = revocable.ask(number_of(revocable))
    assert answer.certificate_status is OCSPCertStatus.UNKNOWN


@pytest.mark.parametrize(
    "octets", [b"", b"\x30", b"\x30\x00", b"not a request", b"\x30\x80" + b"\xff" * 40]
)
def test_2_3_what_cannot_be_read_is_malformed(revocable: RevocableCa, octets: bytes) -> None:
    assert _status(revocable.responder, octets) is OCSPResponseStatus.MALFORMED_REQUEST


@given(octets=st.binary(max_size=300))
def test_2_3_any_octets_get_an_answer(revocable: RevocableCa, octets: bytes) -> None:
    assert _status(revocable.responder, octets) is not OCSPResponseStatus.SUCCESSFUL


def test_2_3_every_flipped_bit_gets_an_answer(revocable: RevocableCa) -> None:
    request = _request(revocable, nonce=b"0123456789abcdef")
    for position in range(8 * len(request)):
        flipped = bytearray(request)
        flipped[position // 8] ^= 1 << position % 8
        ocsp.load_der_ocsp_response(revocable.responder.respond(bytes(flipped)))


def test_2_3_a_request_that_is_too_long_is_malformed(revocable: RevocableCa) -> None:
    padded = b"\x30\x82\xff\xff" + b"\x00" * LONGEST_REQUEST
    assert _status(revocable.responder, padded) is OCSPResponseStatus.MALFORMED_REQUEST


def test_2_3_without_its_database_the_responder_says_try_later(revocable: RevocableCa) -> None:
    database = Database("sqlite:////nonexistent/certgate.db")
    responder = OcspResponder(
        database=database, hierarchy=revocable.ca.hierarchy, clock=revocable.ca.clock
    )
    assert _status(responder, _request(revocable)) is OCSPResponseStatus.TRY_LATER
    database.dispose()


def test_2_3_an_expired_signer_says_try_later(revocable: RevocableCa) -> None:
    end = revocable.ca.hierarchy.ocsp_signers["issuing"].certificate.not_valid_after_utc
    responder = OcspResponder(
        database=revocable.database, hierarchy=revocable.ca.hierarchy, clock=FakeClock(end)
    )
    assert _status(responder, _request(revocable)) is OCSPResponseStatus.TRY_LATER


def test_2_4_times(revocable: RevocableCa) -> None:
    answer = revocable.ask(revocable.issue().serial_number)
    now = revocable.ca.clock.now().replace(microsecond=0)
    assert answer.this_update_utc == now
    assert answer.next_update_utc is not None
    assert timedelta(0) < answer.next_update_utc - now <= timedelta(minutes=5)


def test_3_2_the_signature_verifies_under_a_delegated_signer(revocable: RevocableCa) -> None:
    answer = revocable.ask(revocable.issue().serial_number)
    (signer,) = answer.certificates
    assert signer == revocable.ca.hierarchy.ocsp_signers["issuing"].certificate
    # 4.2.2.2: issued directly by the CA in question, with id-kp-OCSPSigning.
    signer.verify_directly_issued_by(revocable.ca.hierarchy.issuing.certificate)
    usages = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usages) == [ExtendedKeyUsageOID.OCSP_SIGNING]
    # 4.2.2.2.1: nobody has to ask whether the signer is revoked.
    signer.extensions.get_extension_for_class(x509.OCSPNoCheck)
    key = signer.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert answer.signature_hash_algorithm is not None
    key.verify(
        answer.signature, answer.tbs_response_bytes, ec.ECDSA(answer.signature_hash_algorithm)
    )


@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA256()])  # noqa: S303
def test_4_1_1_cert_id_is_echoed(revocable: RevocableCa, algorithm: hashes.HashAlgorithm) -> None:
    issued = revocable.issue()
    answer = revocable.ask(issued.serial_number, algorithm)
    assert answer.certificate_status is OCSPCertStatus.GOOD
    assert answer.hash_algorithm.name == algorithm.name
    assert answer.serial_number == issued.certificate.serial_number


@pytest.mark.parametrize(
    "algorithm", [hashes.SHA224(), hashes.SHA384(), hashes.SHA512()], ids=lambda one: one.name
)
def test_4_1_1_other_hashes_are_unauthorized(
    revocable: RevocableCa, algorithm: hashes.HashAlgorithm
) -> None:
    issuer = revocable.ca.hierarchy.issuing.certificate
    request = request_for(issuer, revocable.issue().serial_number, algorithm)
    assert _status(revocable.responder, request) is OCSPResponseStatus.UNAUTHORIZED


def test_4_1_1_our_hashes_are_those_of_the_library(revocable: RevocableCa) -> None:
    """`request_for` hashes by itself; the library's own builder agrees."""
    issued, issuer = revocable.issue(), revocable.ca.hierarchy.issuing.certificate
    for algorithm in (hashes.SHA1(), hashes.SHA256()):  # noqa: S303
        request = ocsp.OCSPRequestBuilder().add_certificate(issued.certificate, issuer, algorithm)
        der = request.build().public_bytes(Encoding.DER)
        assert der == request_for(issuer, issued.serial_number, algorithm)


def test_2_3_another_issuer_is_unauthorized(revocable: RevocableCa) -> None:
    """RFC 5019 section 2.2.3: not capable of answering authoritatively."""
    for issuer in (revocable.ca.hierarchy.root.certificate,):
        request = request_for(issuer, NEVER_ISSUED)
        assert _status(revocable.responder, request) is OCSPResponseStatus.UNAUTHORIZED


def test_2_3_name_and_key_must_both_fit(revocable: RevocableCa) -> None:
    ours = ocsp.load_der_ocsp_request(_request(revocable))
    for name_hash, key_hash in (
        (ours.issuer_name_hash, bytes(32)),
        (bytes(32), ours.issuer_key_hash),
    ):
        request = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
            name_hash, key_hash, ours.serial_number, hashes.SHA256()
        )
        der = request.build().public_bytes(Encoding.DER)
        assert _status(revocable.responder, der) is OCSPResponseStatus.UNAUTHORIZED


def test_4_4_1_no_nonce_is_answered_without_one(revocable: RevocableCa) -> None:
    assert list(revocable.ask(revocable.issue().serial_number).extensions) == []


@pytest.mark.parametrize("critical", [True, False])
def test_4_4_only_critical_extensions_stop_an_answer(
    revocable: RevocableCa, critical: bool
) -> None:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")
    ours = ocsp.load_der_ocsp_request(_request(revocable))
    request = (
        ocsp.OCSPRequestBuilder()
        .add_certificate_by_hash(
            ours.issuer_name_hash, ours.issuer_key_hash, ours.serial_number, hashes.SHA256()
        )
        .add_extension(unknown, critical=critical)
        .build()
    )
    expected = OCSPResponseStatus.MALFORMED_REQUEST if critical else OCSPResponseStatus.SUCCESSFUL
    assert _status(revocable.responder, request.public_bytes(Encoding.DER)) is expected


@given(octets=st.binary(max_size=60), position=st.integers(0, 200), nonce=st.booleans())
def test_3_2_whatever_is_answered_verifies(
    revocable: RevocableCa, octets: bytes, position: int, nonce: bool
) -> None:
    """Section 3.2: the certificate asked about, signed by its signer, recent; whatever came in."""
    request = _request(revocable, nonce=b"0123456789abcdef" if nonce else None)
    changed = request[:position] + octets + request[position + len(octets) :]
    answer = ocsp.load_der_ocsp_response(revocable.responder.respond(changed))
    if answer.response_status is not OCSPResponseStatus.SUCCESSFUL:
        return
    asked = ocsp.load_der_ocsp_request(changed)
    assert answer.serial_number == asked.serial_number
    assert answer.issuer_key_hash == asked.issuer_key_hash
    assert answer.issuer_name_hash == asked.issuer_name_hash
    (signer,) = answer.certificates
    key = signer.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert answer.signature_hash_algorithm is not None
    algorithm = ec.ECDSA(answer.signature_hash_algorithm)
    key.verify(answer.signature, answer.tbs_response_bytes, algorithm)


def test_4_2_2_1_produced_at_is_when_it_was_signed(revocable: RevocableCa) -> None:
    answer = revocable.ask(revocable.issue().serial_number, nonce=b"n" * 32)
    assert answer.produced_at_utc == revocable.ca.clock.now().replace(microsecond=0)


def test_4_4_5_since_when_a_key_is_suspected(revocable: RevocableCa) -> None:
    """What a CRL entry says may be a singleExtension (RFC 5280 section 5.3.2)."""
    number = revocable.issue().serial_number
    since = revocable.ca.clock.now().replace(microsecond=0) - timedelta(days=3)
    with revocable.database.writing() as session:
        revocable.revocation.revoke(
            session, number, "keyCompromise", OPERATOR, invalidity_date=since
        )
    (extension,) = revocable.ask(number).single_extensions
    assert isinstance(extension.value, x509.InvalidityDate)
    assert extension.value.invalidity_date_utc == since


def test_pkilint_finds_nothing(revocable: RevocableCa) -> None:
    good, revoked = revocable.issue(), revocable.issue()
    revocable.revoke(revoked.serial_number, "superseded")
    for serial_number in (good.serial_number, revoked.serial_number, NEVER_ISSUED):
        for nonce in (None, bytes(32)):
            answer = revocable.ask(serial_number, nonce=nonce)
            assert findings_on_ocsp_response(answer.public_bytes(Encoding.DER)) == []


def _request(revocable: RevocableCa, nonce: bytes | None = None) -> bytes:
    return request_for(revocable.ca.hierarchy.issuing.certificate, NEVER_ISSUED, nonce=nonce)


def _status(responder: OcspResponder, request: bytes) -> OCSPResponseStatus:
    return ocsp.load_der_ocsp_response(responder.respond(request)).response_status
