"""What a client presents is bounded before it is parsed, and has one encoding."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from ca.verification.certificate import (
    LONGEST_CERTIFICATE,
    LONGEST_CHAIN,
    fingerprint_of_leaf,
    read_leaf,
)
from foundation.errors import Denied
from tests.support.drafts import authority

DER = authority("issuing").certificate.public_bytes(Encoding.DER)


def test_nothing_presented_is_told_apart() -> None:
    with pytest.raises(Denied) as refused:
        fingerprint_of_leaf([])
    assert refused.value.code == "certificate-required"


def test_the_longest_chain_is_looked_at() -> None:
    longest = bytes(LONGEST_CERTIFICATE)
    assert fingerprint_of_leaf([longest] * LONGEST_CHAIN)


@pytest.mark.parametrize(
    "chain",
    [
        [DER] * (LONGEST_CHAIN + 1),
        [bytes(LONGEST_CERTIFICATE + 1)],
        [DER, bytes(LONGEST_CERTIFICATE + 1)],
    ],
    ids=["many", "a long leaf", "a long one behind it"],
)
def test_what_is_larger_is_not_parsed(chain: list[bytes]) -> None:
    with pytest.raises(Denied) as refused:
        fingerprint_of_leaf(chain)
    assert refused.value.code == "certificate-untrusted"


@pytest.mark.parametrize("unverified", [b"", b"\x30\x00", DER[:-1], DER + b"\x00"])
def test_what_is_no_certificate_is_refused(unverified: bytes) -> None:
    with pytest.raises(Denied) as refused:
        read_leaf(unverified, "00")
    assert refused.value.code == "certificate-untrusted"
