"""OCSP answers: other people's clients read them, and no answer that was changed (RFC 6960)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import core
from asn1crypto import ocsp as asn1_ocsp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from tests.conformance.other_verifiers.published import answer_about, published_about
from tests.conformance.other_verifiers.situations import STANDINGS, Situation
from tests.conformance.other_verifiers.verifiers import BY_ASKING, BY_RESPONSE
from tests.support.revocation import RevocableCa
from tests.support.situations import good, revoked

pytestmark = pytest.mark.conformance

each_reader = pytest.mark.parametrize("verifier", BY_RESPONSE)
ChangeAnswer = Callable[[RevocableCa, bytes], bytes]


@each_reader
@pytest.mark.parametrize("situation", STANDINGS, ids=str)
def test_each_reads_the_standing(
    revocable: RevocableCa, situation: Situation, verifier: str, tmp_path: Path
) -> None:
    leaf = situation.make(revocable)
    answer = answer_about(revocable, leaf)
    evidence = published_about(revocable, leaf).but(ocsp_response=answer)
    assert BY_RESPONSE[verifier](evidence, tmp_path) == situation.verdict


@pytest.mark.parametrize("verifier", BY_ASKING)
@pytest.mark.parametrize("situation", STANDINGS, ids=str)
def test_each_asks_where_the_certificate_says(
    revocable: RevocableCa, situation: Situation, verifier: str, tmp_path: Path
) -> None:
    evidence = published_about(revocable, situation.make(revocable)).but(crls=[])
    assert BY_ASKING[verifier](evidence, tmp_path) == situation.verdict


def about_another(revocable: RevocableCa, _: bytes) -> bytes:
    """Section 3.2 (1): "good" about one certificate must not pass for another."""
    return answer_about(revocable, good(revocable))


def with_a_changed_signature(_: RevocableCa, answer: bytes) -> bytes:
    """Section 3.2 (2)."""
    response = asn1_ocsp.OCSPResponse.load(answer)
    basic = response["response_bytes"]["response"].parsed
    signature = bytearray(basic["signature"].native)
    signature[-1] ^= 1
    basic["signature"] = bytes(signature)
    return _with(response, basic)


def with_another_status(_: RevocableCa, answer: bytes) -> bytes:
    """Section 3.2 (2): "revoked" made "good", the signature as it was."""
    response = asn1_ocsp.OCSPResponse.load(answer)
    basic = response["response_bytes"]["response"].parsed
    single = basic["tbs_response_data"]["responses"][0]
    single["cert_status"] = asn1_ocsp.CertStatus("good", core.Null())
    return _with(response, basic)


def by_a_subscriber(revocable: RevocableCa, answer: bytes) -> bytes:
    """Section 4.2.2.2: a certificate of ours, but not one for signing answers."""
    issued = revocable.issue()
    parsed = ocsp.load_der_ocsp_response(answer)
    single = next(parsed.responses)
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=single.issuer_name_hash,
        issuer_key_hash=single.issuer_key_hash,
        serial_number=single.serial_number,
        algorithm=single.hash_algorithm,
        cert_status=ocsp.OCSPCertStatus.GOOD,
        this_update=single.this_update_utc,
        next_update=single.next_update_utc,
        revocation_time=None,
        revocation_reason=None,
    )
    forged = (
        builder.responder_id(ocsp.OCSPResponderEncoding.HASH, issued.certificate)
        .certificates([issued.certificate])
        .sign(issued.private_key, hashes.SHA256())
    )
    return forged.public_bytes(Encoding.DER)


@each_reader
@pytest.mark.parametrize(
    "change",
    [about_another, with_a_changed_signature, with_another_status, by_a_subscriber],
    ids=lambda change: change.__name__,
)
def test_no_other_answer_hides_a_revocation(
    revocable: RevocableCa, change: ChangeAnswer, verifier: str, tmp_path: Path
) -> None:
    leaf = revoked(revocable)
    answer = change(revocable, answer_about(revocable, leaf))
    evidence = published_about(revocable, leaf).but(ocsp_response=answer)
    assert BY_RESPONSE[verifier](evidence, tmp_path) == "forged"


def _with(response: asn1_ocsp.OCSPResponse, basic: asn1_ocsp.BasicOCSPResponse) -> bytes:
    wrapped = asn1_ocsp.ParsableOctetString(basic.dump(force=True))
    response["response_bytes"]["response"] = wrapped
    der: bytes = response.dump(force=True)
    return der
