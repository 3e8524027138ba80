"""The reader of OCSP requests, held against the library's (RFC 6960 section 4.1.1)."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st

from ca.encoding import der
from ca.ocsp.refusal import Malformed
from ca.ocsp.request import LONGEST_REQUEST, StatusQuery, read_request

_SHA1 = bytes.fromhex("300906052b0e03021a0500")
_NONCE_NAME = bytes.fromhex("06092b0601050507300102")
_OTHER_NAME = bytes.fromhex("06032a0304")
_FALSE = b"\x01\x01\x00"
_CERT_ID = der.sequence(
    _SHA1, der.octet_string(bytes(20)), der.octet_string(bytes(20)), der.integer(77)
)
_ONE = der.sequence(_CERT_ID)


def _extension(name: bytes, value: bytes, critical: bytes = b"") -> bytes:
    return der.sequence(name, critical, der.octet_string(value))


def _nonce(octets: bytes) -> bytes:
    return _extension(_NONCE_NAME, der.octet_string(octets))


def _request(*parts: bytes, after: bytes = b"") -> bytes:
    return der.sequence(der.sequence(*parts), after)


def _extensions(*each: bytes) -> bytes:
    return der.explicit(2, der.sequence(*each))


def _list(*each: bytes) -> bytes:
    return der.sequence(*each)


@given(
    serial_number=st.integers(1, 2**159),
    algorithm=st.sampled_from([hashes.SHA1(), hashes.SHA256(), hashes.SHA512()]),  # noqa: S303
    nonce=st.none() | st.binary(min_size=1, max_size=128),
)
def test_what_the_library_writes_is_read(
    serial_number: int, algorithm: hashes.HashAlgorithm, nonce: bytes | None
) -> None:
    name, key = bytes(algorithm.digest_size), b"\x01" * algorithm.digest_size
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(name, key, serial_number, algorithm)
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    octets = builder.build().public_bytes(Encoding.DER)
    query = read_request(octets)
    assert (query.serial_number, query.nonce) == (serial_number, nonce)
    assert query.cert_id in octets
    assert query.issuer_part.endswith(der.octet_string(name) + der.octet_string(key))


@given(st.data())
def test_whatever_is_read_the_library_reads_alike(data: st.DataObject) -> None:
    """Mutations of a good request: no octets mean one thing here and another elsewhere."""
    good = _request(_list(_ONE), _extensions(_nonce(b"0123456789abcdef")))
    changed = bytearray(good)
    for _ in range(data.draw(st.integers(0, 3))):
        position = data.draw(st.integers(0, len(changed) - 1))
        changed[position] = data.draw(st.integers(0, 255))
    octets = bytes(changed)
    try:
        ours = read_request(octets)
    except Malformed:
        return
    if ours.cert_id[2:].startswith(_SHA1) and _library_reads(octets):
        _agrees(ours, octets)


def _library_reads(octets: bytes) -> bool:
    """Return whether the library reads it too: it refuses some extension names that we ignore."""
    try:
        ocsp.load_der_ocsp_request(octets)
    except ValueError:
        return False
    return True


def _agrees(ours: StatusQuery, octets: bytes) -> None:
    theirs = ocsp.load_der_ocsp_request(octets)
    assert theirs.serial_number == ours.serial_number
    assert der.octet_string(theirs.issuer_name_hash) in ours.issuer_part
    nonces = [each.value for each in theirs.extensions if isinstance(each.value, x509.OCSPNonce)]
    assert [each.nonce for each in nonces] == ([] if ours.nonce is None else [ours.nonce])


@given(st.binary(max_size=400))
def test_any_octets_are_read_or_malformed(octets: bytes) -> None:
    with pytest.raises(Malformed):
        read_request(octets)


WELCOME = {
    "plain": _request(_list(_ONE)),
    "requestor named": _request(der.explicit(1, der.implicit(1, b"a@b")), _list(_ONE)),
    "signed": _request(
        _list(_ONE), after=der.explicit(0, der.sequence(_SHA1, der.bit_string(b"x")))
    ),
    "an extension of its own": _request(
        _list(der.sequence(_CERT_ID, der.explicit(0, der.sequence(_extension(_OTHER_NAME, b"")))))
    ),
    "an extension nobody knows": _request(
        _list(_ONE), _extensions(_extension(_OTHER_NAME, b"x"), _nonce(b"n"))
    ),
    "critical nonce": _request(
        _list(_ONE), _extensions(_extension(_NONCE_NAME, der.octet_string(b"n"), der.TRUE))
    ),
    "hash without parameters": _request(
        _list(
            der.sequence(
                der.sequence(der.sequence(_SHA1[2:-2]), b"\x04\x00", b"\x04\x00", der.integer(0))
            )
        )
    ),
}


@pytest.mark.parametrize("octets", WELCOME.values(), ids=WELCOME.keys())
def test_what_may_stand_in_a_request(octets: bytes) -> None:
    assert read_request(octets).serial_number in (0, 77)


MALFORMED = {
    "empty": b"",
    "no request": _request(_list()),
    "two requests": _request(_list(_ONE, _ONE)),
    "octets behind": _request(_list(_ONE)) + b"\x00",
    "octets behind the list": _request(_list(_ONE), b"\x05\x00"),
    "octets behind the signature": _request(
        _list(_ONE), after=der.explicit(0, der.sequence()) + b"\x05\x00"
    ),
    "version said though it is the default": _request(der.explicit(0, der.integer(0)), _list(_ONE)),
    "another version": _request(der.explicit(0, der.integer(1)), _list(_ONE)),
    "indefinite length": b"\x30\x80" + _request(_list(_ONE))[2:] + b"\x00\x00",
    "length longer than needed": b"\x30\x81" + _request(_list(_ONE))[1:],
    "length beyond the end": b"\x30\x7f",
    "length without octets": b"\x30\x82\x01",
    "length of five octets": b"\x30\x85\x00\x00\x00\x00\x01\x00",
    "negative serial number": _request(
        _list(
            der.sequence(
                der.sequence(_SHA1, der.octet_string(b""), der.octet_string(b""), der.integer(-5))
            )
        )
    ),
    "empty serial number": _request(
        _list(der.sequence(der.sequence(_SHA1, b"\x04\x00", b"\x04\x00", b"\x02\x00")))
    ),
    "padded serial number": _request(
        _list(der.sequence(der.sequence(_SHA1, b"\x04\x00", b"\x04\x00", b"\x02\x02\x00\x05")))
    ),
    "no extensions in the extensions": _request(_list(_ONE), _extensions()),
    "two nonces": _request(_list(_ONE), _extensions(_nonce(b"a"), _nonce(b"b"))),
    "one extension twice": _request(
        _list(_ONE), _extensions(_extension(_OTHER_NAME, b""), _extension(_OTHER_NAME, b""))
    ),
    "critical and unknown": _request(
        _list(_ONE), _extensions(_extension(_OTHER_NAME, b"", der.TRUE))
    ),
    "critical and unknown in the one request": _request(
        _list(
            der.sequence(
                _CERT_ID, der.explicit(0, der.sequence(_extension(_OTHER_NAME, b"", der.TRUE)))
            )
        )
    ),
    "not critical, though that is the default": _request(
        _list(_ONE), _extensions(_extension(_OTHER_NAME, b"", _FALSE))
    ),
    "empty nonce": _request(_list(_ONE), _extensions(_nonce(b""))),
    "nonce of 129 octets": _request(_list(_ONE), _extensions(_nonce(bytes(129)))),
    "nonce that is no octet string": _request(
        _list(_ONE), _extensions(_extension(_NONCE_NAME, b"raw octets"))
    ),
    "nonce with octets behind": _request(
        _list(_ONE), _extensions(_extension(_NONCE_NAME, der.octet_string(b"n") + b"\x00"))
    ),
    "too long": _request(_list(_ONE), _extensions(_extension(_OTHER_NAME, bytes(LONGEST_REQUEST)))),
}


@pytest.mark.parametrize("octets", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_may_not(octets: bytes) -> None:
    with pytest.raises(Malformed):
        read_request(octets)
