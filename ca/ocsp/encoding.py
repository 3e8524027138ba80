"""The DER of OCSP responses (RFC 6960 section 4.2.1)."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography.x509.ocsp import OCSPResponseStatus

from ca import der
from ca.ocsp.status import CertificateStatus

_BASIC = bytes.fromhex("06092b0601050507300101")  # id-pkix-ocsp-basic
_NONCE = bytes.fromhex("06092b0601050507300102")  # id-pkix-ocsp-nonce
_INVALIDITY_DATE = bytes.fromhex("0603551d18")  # id-ce-invalidityDate
_GOOD = der.implicit(0, b"")
_UNKNOWN = der.implicit(2, b"")
_REVOKED = 0xA1
# RFC 5280 section 5.3.1; "unspecified" SHOULD be absent.
_REASON_CODES = {
    "keyCompromise": 1,
    "cACompromise": 2,
    "affiliationChanged": 3,
    "superseded": 4,
    "cessationOfOperation": 5,
    "certificateHold": 6,
    "privilegeWithdrawn": 9,
    "aACompromise": 10,
}
_MOST_KEPT = 1_024
_SUCCESSFUL = der.enumerated(OCSPResponseStatus.SUCCESSFUL.value)


@dataclass(frozen=True, slots=True)
class SingleAnswer:
    """What is said about one certificate; `cert_id` is the asker's own, in DER."""

    cert_id: bytes
    status: CertificateStatus
    this_update: datetime
    next_update: datetime


def encode_response_data(
    responder_id: bytes, produced_at: datetime, answer: SingleAnswer, nonce: bytes | None
) -> bytes:
    """Return the ResponseData that is signed; `responder_id` is DER already."""
    return der.sequence(
        responder_id,
        der.generalized_time(produced_at),
        _encode_responses(answer.cert_id, answer.status, answer.this_update, answer.next_update),
        _before_nonce(len(nonce)) + nonce if nonce is not None else b"",
    )


def encode_response(
    response_data: bytes, algorithm: bytes, signature: bytes, certificates: bytes
) -> bytes:
    """Return the OCSPResponse around signed data; `certificates` is the field [0] in DER."""
    basic = b"".join((response_data, algorithm, der.bit_string(signature), certificates))
    return _before_basic(len(basic)) + basic


@lru_cache(_MOST_KEPT)
def _before_basic(octets: int) -> bytes:
    """Return what stands before the content of a BasicOCSPResponse of so many octets."""
    basic = der.octet_string(der.sequence(bytes(octets)))
    whole = der.sequence(_SUCCESSFUL, der.explicit(0, der.sequence(_BASIC, basic)))
    return whole[: len(whole) - octets]


def encode_refusal(status: OCSPResponseStatus) -> bytes:
    """Return a response that is only an error status; such responses are not signed."""
    return der.sequence(der.enumerated(status.value))


def encode_key_hash(sha1_of_key: bytes) -> bytes:
    """Return the ResponderID byKey (section 4.2.2.3; RFC 5019 section 2.2.1)."""
    return der.explicit(2, der.octet_string(sha1_of_key))


def encode_certificates(certificate: bytes) -> bytes:
    """Return the field `certs` with one certificate."""
    return der.explicit(0, der.sequence(certificate))


@lru_cache(_MOST_KEPT)
def _before_nonce(octets: int) -> bytes:
    """Return the responseExtensions up to a nonce of so many octets, which is their end."""
    whole = _extensions(_NONCE, der.octet_string(bytes(octets)))
    return whole[: len(whole) - octets]


# Of one certificate it is the same for all who ask within a second.
@lru_cache(_MOST_KEPT)
def _encode_responses(
    cert_id: bytes, status: CertificateStatus, this_update: datetime, next_update: datetime
) -> bytes:
    single = der.sequence(
        cert_id,
        _encode_status(status),
        der.generalized_time(this_update),
        der.explicit(0, der.generalized_time(next_update)),
        _single_extensions(status),
    )
    return der.sequence(single)


def _encode_status(found: CertificateStatus) -> bytes:
    if found.status == "good":
        return _GOOD
    if found.status == "unknown":
        return _UNKNOWN
    assert found.revocation_time is not None, "set together with the state"
    code = _REASON_CODES.get(found.reason or "")
    reason = der.explicit(0, der.enumerated(code)) if code is not None else b""
    return der.element(_REVOKED, der.generalized_time(found.revocation_time) + reason)


def _single_extensions(found: CertificateStatus) -> bytes:
    """Section 4.4.5: what a CRL entry says may stand here too (RFC 5280 section 5.3.2)."""
    if found.invalidity_date is None:
        return b""
    return _extensions(_INVALIDITY_DATE, der.generalized_time(found.invalidity_date))


def _extensions(name: bytes, value: bytes) -> bytes:
    return der.explicit(1, der.sequence(der.sequence(name, der.octet_string(value))))
