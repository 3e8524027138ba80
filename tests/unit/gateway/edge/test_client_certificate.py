"""The Client-Cert header has one spelling (RFC 9440, RFC 9651 section 3.3.5)."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca.verification.certificate import LONGEST_CERTIFICATE
from foundation.errors import Invalid
from gateway.edge.link.client_certificate import read_client_certificate


def spelled(der: bytes) -> bytes:
    return b":" + base64.b64encode(der) + b":"


@given(st.binary(min_size=1, max_size=3_000))
def test_what_is_written_is_read(der: bytes) -> None:
    assert read_client_certificate([spelled(der)]) == der


def test_no_header_is_no_certificate() -> None:
    assert read_client_certificate([]) is None


def test_the_largest_certificate_fits_and_no_larger_one() -> None:
    largest = bytes(LONGEST_CERTIFICATE)
    assert read_client_certificate([spelled(largest)]) == largest
    with pytest.raises(Invalid):
        read_client_certificate([spelled(bytes(LONGEST_CERTIFICATE + 3))])


@pytest.mark.parametrize(
    "values",
    [
        [b":AAAA:", b":AAAA:"],  # twice (RFC 9440 section 2.2)
        [b":AAAA:, :AAAA:"],  # a list in one line
        [b""],
        [b":"],
        [b"::"],
        [b"AAAA"],
        [b":AAAA"],
        [b"AAAA:"],
        [b" :AAAA:"],
        [b":AAAA: "],
        [b":AAAA:;a=1"],  # a parameter
        [b":AAA:"],  # padding left out
        [b":AAB=:"],  # bits behind the last octet
        [b":AA A:"],
        [b":AA\nA:"],
        [b":AA-_:"],  # base64url
        [b":AAAA====:"],
        [b":A===:"],
        [b"-----BEGIN CERTIFICATE-----"],
    ],
)
def test_any_other_spelling_is_refused(values: list[bytes]) -> None:
    with pytest.raises(Invalid, match="malformed-request"):
        read_client_certificate(values)


@given(st.binary(max_size=200))
def test_no_octets_are_read_in_two_ways(value: bytes) -> None:
    try:
        der = read_client_certificate([value])
    except Invalid:
        return
    assert der is not None
    assert spelled(der) == value
