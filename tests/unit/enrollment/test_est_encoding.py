"""What an EST body may look like, and what is refused before anything parses it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollment.est.credentials import read_credentials
from enrollment.est.encoding import LONGEST_REQUEST, read_body, write_body
from foundation.errors import Denied, Invalid

SPACES = st.text(" \t\r\n", max_size=3).map(str.encode)


@given(octets=st.binary(min_size=1, max_size=300))
def test_what_is_written_can_be_read(octets: bytes) -> None:
    assert read_body(write_body(octets)) == octets
    assert read_body(base64.encodebytes(octets)) == octets


@given(octets=st.binary(min_size=1, max_size=60), data=st.data())
def test_white_space_anywhere_changes_nothing(octets: bytes, data: st.DataObject) -> None:
    encoded = base64.b64encode(octets)
    spaced = b"".join(data.draw(SPACES) + encoded[at : at + 1] for at in range(len(encoded)))
    assert read_body(spaced + data.draw(SPACES)) == octets


@given(body=st.binary(max_size=400))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    try:
        octets = read_body(body)
    except Invalid as refused:
        assert refused.code == "est-body-not-base64"  # noqa: PT017 - either outcome is right
    else:
        assert octets


def test_a_long_body_is_refused() -> None:
    read_body(base64.b64encode(b"x" * (LONGEST_REQUEST // 4 * 3)))
    with pytest.raises(Invalid, match="payload-too-large"):
        read_body(b"A" * (LONGEST_REQUEST + 1))


@given(header=st.text(max_size=200))
def test_any_header_is_read_or_refused(header: str) -> None:
    try:
        read_credentials(header)
    except Denied as refused:
        assert refused.code == "slip-required"  # noqa: PT017 - either outcome is right


def test_the_password_is_not_shown_by_accident() -> None:
    header = "Basic " + base64.b64encode(b"7A3F09C1:H4KW-9XRT-3MPC-7DFY").decode()
    assert "H4KW" not in repr(read_credentials(header))


@given(serial=st.text(max_size=50).filter(lambda text: ":" not in text), password=st.text())
def test_the_first_colon_divides(serial: str, password: str) -> None:
    """RFC 7617 section 2: the password may hold colons, the user-id may not."""
    encoded = base64.b64encode(f"{serial}:{password}".encode("utf-8", "surrogatepass"))
    if len(encoded) > 1000:
        return
    try:
        read = read_credentials(f"basic {encoded.decode()}")
    except Denied:
        # Lone surrogates are not UTF-8.
        assert any("\ud800" <= each <= "\udfff" for each in serial + password)
    else:
        assert (read.unverified_serial_number, read.unverified_download_password) == (
            serial,
            password,
        )
