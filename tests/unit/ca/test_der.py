"""The DER written here is what an independent parser reads (ITU-T X.690)."""

from datetime import UTC, datetime

import pytest
from asn1crypto.core import (
    BitString,
    Boolean,
    Enumerated,
    GeneralizedTime,
    Integer,
    OctetString,
    Sequence,
)
from hypothesis import given
from hypothesis import strategies as st

from ca.encoding import der
from ca.encoding.der import bit_string, sequence

# Around the places where the length changes its form (X.690 section 8.1.3).
LENGTHS = st.sampled_from([0, 1, 126, 127, 128, 129, 255, 256, 257, 65_534, 65_535, 65_536])


@given(LENGTHS)
def test_a_bit_string_holds_its_octets(length: int) -> None:
    octets = bytes(length)
    parsed = BitString.load(bit_string(octets), strict=True)
    assert parsed.contents == b"\x00" + octets
    assert parsed.dump(force=True) == bit_string(octets)


@given(LENGTHS)
def test_a_sequence_holds_its_elements(length: int) -> None:
    element = bit_string(bytes(length))
    parsed = Sequence.load(sequence(element, element), strict=True)
    assert parsed.contents == element + element


@given(st.integers() | st.sampled_from([-129, -128, -1, 0, 127, 128, 255, 256, 2**63, -(2**63)]))
def test_an_integer_takes_the_fewest_octets(value: int) -> None:
    assert der.integer(value) == Integer(value).dump()


@given(st.binary(max_size=300))
def test_an_octet_string(octets: bytes) -> None:
    assert der.octet_string(octets) == OctetString(octets).dump()


def test_small_ones() -> None:
    assert Boolean.load(der.TRUE, strict=True).native is True
    assert Enumerated.load(der.enumerated(6), strict=True).contents == b"\x06"


@given(st.datetimes(), st.integers(0, 30))
def test_a_time_is_in_whole_seconds(naive: datetime, number: int) -> None:
    moment = naive.replace(tzinfo=UTC)
    parsed = GeneralizedTime.load(der.generalized_time(moment), strict=True)
    assert parsed.native == moment.replace(microsecond=0)
    wrapped = GeneralizedTime.load(
        der.explicit(number, der.generalized_time(moment)), explicit=number, strict=True
    )
    assert wrapped.native == parsed.native


@pytest.mark.parametrize("number", [0, 2, 30])
def test_an_implicit_tag_replaces_the_own_one(number: int) -> None:
    parsed = OctetString.load(der.implicit(number, b"abc"), implicit=number, strict=True)
    assert parsed.native == b"abc"
