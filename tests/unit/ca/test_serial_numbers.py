"""Serial numbers keep RFC 5280 section 4.1.2.2, whatever the generator gives."""

from collections.abc import Sequence
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca.errors import CertificateNotFound
from ca.serial_numbers import draw_serial_number, read_serial_number, serial_number_of
from foundation.randomness import SystemRandomness

T = TypeVar("T")


class Fixed:
    """A generator that gives the octets it was told to."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def token(self, count: int) -> bytes:
        assert count <= len(self._octets)
        return self._octets[:count]

    def pick(self, alphabet: Sequence[T]) -> T:
        return alphabet[0]


@given(st.binary(min_size=20, max_size=20))
def test_positive_bounded_and_of_one_length(octets: bytes) -> None:
    number = int(draw_serial_number(Fixed(octets)), 16)
    assert number > 0
    assert len(number.to_bytes(20)) == 20
    # As a DER INTEGER it needs no padding octet: 78 of its 80 bits are random.
    assert number.bit_length() == 79
    assert serial_number_of(number) == draw_serial_number(Fixed(octets))


@given(st.binary(min_size=20, max_size=20), st.integers(min_value=2, max_value=79))
def test_at_least_64_bits_come_from_the_generator(octets: bytes, position: int) -> None:
    flipped = bytearray(octets)
    flipped[position // 8] ^= 0x80 >> position % 8
    assert draw_serial_number(Fixed(octets)) != draw_serial_number(Fixed(bytes(flipped)))


def test_ten_thousand_are_all_different() -> None:
    randomness = SystemRandomness()
    assert len({draw_serial_number(randomness) for _ in range(10_000)}) == 10_000


@given(st.binary(min_size=20, max_size=20), st.sampled_from([" ", ":", "-", ""]))
def test_a_typed_number_is_understood(octets: bytes, separator: str) -> None:
    number = draw_serial_number(Fixed(octets))
    groups = [number[start : start + 4] for start in range(0, len(number), 4)]
    assert read_serial_number(f" {separator.join(groups).lower()}\t") == number


@pytest.mark.parametrize("text", ["", "0", "XYZ", "12 34 G", "1" * 41, "４２", "1;2"])
def test_no_certificate_has_what_is_no_number(text: str) -> None:
    with pytest.raises(CertificateNotFound):
        read_serial_number(text)
