"""Requests read again say what they say when they are read for the first time."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st

from ca.encoding import der
from ca.ocsp.refusal import Malformed
from ca.ocsp.repeated import _read_whole, read_again
from ca.ocsp.request import StatusQuery, read_request

_NONCE_NAME = bytes.fromhex("06092b0601050507300102")


def _request(
    nonce: bytes | None,
    name_hash: bytes = bytes(20),
    extra: bytes = b"",
    of_one: bytes = b"",
) -> bytes:
    """`of_one` are extensions of the single request, which a nonce is none of."""
    cert_id = der.sequence(
        bytes.fromhex("300906052b0e03021a0500"),
        der.octet_string(name_hash),
        der.octet_string(bytes(20)),
        der.integer(77),
    )
    nonces = (
        der.sequence(_NONCE_NAME, der.octet_string(der.octet_string(nonce)))
        if nonce is not None
        else b""
    )
    extensions = der.explicit(2, der.sequence(nonces, extra)) if nonces + extra else b""
    return der.sequence(der.sequence(der.sequence(der.sequence(cert_id, of_one)), extensions))


def _read(octets: bytes) -> StatusQuery | None:
    try:
        return read_request(octets)
    except Malformed:
        return None


def _read_twice(octets: bytes) -> StatusQuery | None:
    found: list[StatusQuery | None] = []
    for _ in range(2):
        try:
            found.append(read_again(octets))
        except Malformed:
            found.append(None)
    assert found[0] == found[1]
    return found[0]


@given(st.lists(st.binary(min_size=1, max_size=128), min_size=1, max_size=5))
def test_each_asker_gets_his_own_nonce_back(nonces: list[bytes]) -> None:
    """RFC 9654 section 2.1, whatever was asked before about the same certificate."""
    for nonce in nonces:
        assert read_again(_request(nonce)).nonce == nonce
    assert read_again(_request(None)).nonce is None


@given(st.data())
def test_mutations_are_read_as_by_the_reader_itself(data: st.DataObject) -> None:
    nonce = data.draw(st.none() | st.binary(min_size=0, max_size=130))
    changed = bytearray(_request(nonce))
    read_again(_request(b"0123456789abcdef"))
    for _ in range(data.draw(st.integers(0, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, 3))
    octets = bytes(changed)[: len(changed) - end] + data.draw(st.binary(max_size=3))
    assert _read_twice(octets) == _read(octets)


_NONCE_IN_PLACE_OF_A_HASH = _NONCE_NAME + b"\x04\x07\x04\x05aa"
_IN_THE_SINGLE_REQUEST = der.explicit(
    0, der.sequence(der.sequence(_NONCE_NAME, der.octet_string(der.octet_string(b"n" * 16))))
)
_OTHER = der.sequence(bytes.fromhex("06032a0304"), der.octet_string(b"x"))


@pytest.mark.parametrize(
    "octets",
    [
        _request(b"n" * 16, _NONCE_IN_PLACE_OF_A_HASH),
        _request(None, _NONCE_IN_PLACE_OF_A_HASH),
        _request(b"n" * 16, extra=_OTHER),
        _request(b"n" * 16) + b"\x00",
        _request(b"n" * 16)[:-1],
        _request(b""),
        _request(None, of_one=_IN_THE_SINGLE_REQUEST),
        _request(b"n" * 129),
        _NONCE_NAME,
        b"",
    ],
)
def test_what_only_looks_like_a_nonce_at_the_end_is_not_one(octets: bytes) -> None:
    assert _read_twice(octets) == _read(octets)


def test_what_is_longer_than_usual_is_not_remembered() -> None:
    """Else a few thousand askers would fill the memory with what nobody asks again."""
    before = _read_whole.cache_info().misses
    extra = der.sequence(bytes.fromhex("06032a0304"), der.octet_string(bytes(300)))
    long = _request(None, extra=extra)
    assert read_again(long) == read_request(long)
    assert _read_whole.cache_info().misses == before


def test_what_the_library_writes_is_read() -> None:
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        bytes(32), bytes(32), 2**150, hashes.SHA256()
    )
    octets = (
        builder.add_extension(x509.OCSPNonce(b"n" * 32), critical=False)
        .build()
        .public_bytes(Encoding.DER)
    )
    assert _read_twice(octets) == read_request(octets)
