"""Rules about how content is written: it takes octets to break them, which no builder writes."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from ca.errors import LintRefused
from tests.support.der_surgery import replace_element
from tests.support.drafts import (
    draft_end_entity,
    draft_root,
)

pytestmark = pytest.mark.conformance

_SHORT = "0123456789ABCDEF"
_SHA384 = (bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d040303"))
_POINT = bytes.fromhex("06082a8648ce3d030107")
_DIGITAL_SIGNATURE = (bytes.fromhex("040403020780"), bytes.fromhex("040403020080"))
_OCTETS: list[tuple[str, Callable[[bytes], bytes]]] = [
    # ecdsa-with-SHA384 where the key signs with SHA-256.
    ("signature_algorithm_is_the_issuers", lambda tbs: tbs.replace(*_SHA384, 1)),
    # BIT STRING digitalSignature that claims no unused bits (X.690 section 11.2).
    ("extensions_are_written_canonically", lambda tbs: tbs.replace(*_DIGITAL_SIGNATURE)),
]


@pytest.mark.parametrize(("rule", "spoil"), _OCTETS)
def test_octets_that_break_one_rule_are_refused_by_it_alone(
    rule: str, spoil: Callable[[bytes], bytes]
) -> None:
    draft = draft_end_entity()
    spoilt = spoil(draft.tbs())
    assert spoilt != draft.tbs()
    assert draft.broken_rules(spoilt) == {rule}


def test_a_short_serial_number_is_refused_though_it_was_reserved() -> None:
    draft = draft_end_entity().but(serial_number=int(_SHORT, 16))
    assert draft.broken_rules(serial_number=_SHORT.lstrip("0")) == {"serial_number_is_long_enough"}


def test_years_from_2050_are_written_in_full() -> None:
    """RFC 5280 section 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050."""
    for year in (2049, 2050):
        draft = draft_root().but(not_after=datetime(year, 6, 1, tzinfo=UTC))
        assert draft.broken_rules() == set()
        other = f"{year}0601000000Z".encode()
        short, full = b"\x17\x0d" + other[2:], b"\x18\x0f" + other
        spoilt = replace_element(draft.tbs(), *((short, full) if year < 2050 else (full, short)))
        if year < 2050:
            assert draft.broken_rules(spoilt) == {"times_are_written_by_their_year"}
        else:
            # 50 is 1950 in a UTCTime: the parser reads another year.
            assert "validity_is_inside_the_issuers" in draft.broken_rules(spoilt)


# The library's parser warns of a negative number.
@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@pytest.mark.parametrize("number", [-(1 << 78), 1 << 159, 1 << 170])
def test_a_serial_number_out_of_bounds_is_refused(number: int) -> None:
    draft = draft_end_entity().but(serial_number=number)
    with pytest.raises(LintRefused) as refused:
        draft.lint(f"{number:X}")
    assert refused.value.params["rule"] in {"serial_number_is_bounded", "well_formed"}


def test_a_key_written_with_a_compressed_point_is_refused() -> None:
    """RFC 5480 section 2.2: uncompressed is what everybody reads."""
    draft = draft_end_entity()
    key = draft.content.public_key
    assert isinstance(key, ec.EllipticCurvePublicKey)
    numbers = key.public_numbers()
    full = b"\x03\x42\x00\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    short = b"\x03\x22\x00" + bytes([2 + numbers.y % 2]) + numbers.x.to_bytes(32, "big")
    spoilt = replace_element(draft.tbs(), full, short)
    assert "public_key_is_written_canonically" in draft.broken_rules(spoilt)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda tbs: tbs[:-1],
        lambda tbs: tbs + b"\x00",
        lambda tbs: b"",
        lambda tbs: b"\x30\x80" + tbs[4:] + b"\x00\x00",
        lambda tbs: b"\x31" + tbs[1:],
    ],
)
def test_what_is_no_certificate_is_refused_as_such(spoil: Callable[[bytes], bytes]) -> None:
    draft = draft_end_entity()
    with pytest.raises(LintRefused) as refused:
        draft.lint_of(spoil(draft.tbs()))
    assert refused.value.params["rule"] == "well_formed"


def test_an_extension_that_stands_twice_is_refused() -> None:
    """RFC 5280 section 4.2: each at most once."""
    draft = draft_end_entity()
    with pytest.raises(LintRefused) as refused:
        draft.plus(*draft.content.extensions[0][:1]).lint()
    assert refused.value.params["rule"] == "well_formed"
