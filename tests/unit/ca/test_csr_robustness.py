"""Whatever octets come, a request is accepted or refused with a code; nothing else happens."""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ca.csr import CsrRefused, accept_csr
from tests.support.requests import request_for

NAMES = (x509.DNSName("a.example.org"), x509.UniformResourceIdentifier("urn:x"))
REQUESTS = [
    request_for(key, names=names).public_bytes(encoding)
    for key in (
        ec.derive_private_key(99, ec.SECP256R1()),
        ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))),
    )
    for names in ((), NAMES)
    for encoding in (Encoding.DER, Encoding.PEM)
]


OUTCOMES = {
    "accepted", "csr-malformed", "csr-signature-wrong", "csr-signature-weak",
    "csr-key-refused", "csr-key-weak",
}  # fmt: skip


def outcome_of(unverified: bytes) -> str:
    try:
        accept_csr(unverified)
    except CsrRefused as refused:
        return refused.code
    return "accepted"


@settings(max_examples=300)
@given(st.binary(max_size=400))
@example(b"0")
@example(b"-----")
@example(b"-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n")
def test_any_octets(unverified: bytes) -> None:
    assert outcome_of(unverified) in OUTCOMES


@settings(max_examples=600)
@given(
    request=st.sampled_from(REQUESTS),
    changes=st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_a_request_with_octets_changed(request: bytes, changes: list[tuple[int, int]]) -> None:
    changed = bytearray(request)
    for place, octet in changes:
        changed[place % len(changed)] = octet
    assert outcome_of(bytes(changed)) in OUTCOMES


@settings(max_examples=300)
@given(
    request=st.sampled_from(REQUESTS),
    start=st.integers(0, 500),
    length=st.integers(0, 60),
    inserted=st.binary(max_size=60),
)
def test_a_request_with_a_part_replaced(
    request: bytes, start: int, length: int, inserted: bytes
) -> None:
    assert outcome_of(request[:start] + inserted + request[start + length :]) in OUTCOMES
