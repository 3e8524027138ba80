"""Serial numbers as HAProxy prints them; that it does, tests/integration/edge shows."""

import pytest

from gateway.edge.serial_numbers import serial_as_haproxy_prints


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        ("1", "01"),
        ("0a", "0A"),
        ("0080", "80"),
        ("00ff", "FF"),
        ("123", "0123"),
        ("7f" + "00" * 19, "7F" + "00" * 19),
    ],
)
def test_whole_octets_in_upper_case_without_leading_zeros(number: str, printed: str) -> None:
    assert serial_as_haproxy_prints(number) == printed


@pytest.mark.parametrize("number", ["", "0", "-1", "xyz", "00"])
def test_what_is_no_serial_number_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        serial_as_haproxy_prints(number)
