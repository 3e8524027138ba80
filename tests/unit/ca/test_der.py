"""The DER written here is what an independent parser reads (ITU-T X.690)."""

from asn1crypto.core import BitString, Sequence
from hypothesis import given
from hypothesis import strategies as st

from ca.der import bit_string, sequence

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
