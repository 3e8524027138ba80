"""The DER of OCSP responses (RFC 6960 section 4.2.1)."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography.x509.ocsp import OCSPResponseStatus

from ca.encoding import der
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


_TIME_OCTETS = 17  # tag, length and "YYYYMMDDHHMMSSZ"
_VALIDITY_OCTETS = _TIME_OCTETS + 2 + _TIME_OCTETS


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """When an answer is made, which is its this_update, and until when it may be believed."""

    this_update: datetime
    next_update: datetime
    produced_at_der: bytes
    validity_der: bytes


def encode_times(this_update: datetime, next_update: datetime) -> AnswerTimes:
    """Return the times with their DER, which is equally long at any time."""
    produced_at = der.generalized_time(this_update)
    until = der.explicit(0, der.generalized_time(next_update))
    return AnswerTimes(this_update, next_update, produced_at, produced_at + until)


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """The ResponseData about one certificate without its times and the octets of its nonce.

    `nonce_octets` is how long that nonce is, None for an answer without one.
    """

    responder_id: bytes
    nonce_octets: int | None
    _before_produced_at: bytes
    _before_validity: bytes
    _after_validity: bytes

    def fill(self, times: AnswerTimes, nonce: bytes | None) -> bytes:
        """Return the ResponseData that is signed; the nonce is of the form's length."""
        return b"".join(
            (
                self._before_produced_at,
                times.produced_at_der,
                self._before_validity,
                times.validity_der,
                self._after_validity,
                nonce or b"",
            )
        )


def encode_form(
    responder_id: bytes, cert_id: bytes, status: CertificateStatus, nonce_octets: int | None
) -> AnswerForm:
    """Return the form; `responder_id` and `cert_id`, which is the asker's own, are DER already."""
    beginning = cert_id + _encode_status(status)
    end = _single_extensions(status)
    single = len(beginning) + _VALIDITY_OCTETS + len(end)
    beginning = der.header(der.SEQUENCE, single) + beginning
    responses = len(beginning) + _VALIDITY_OCTETS + len(end)
    beginning = der.header(der.SEQUENCE, responses) + beginning
    if nonce_octets is not None:
        end += _before_nonce(nonce_octets)
    whole = len(responder_id) + _TIME_OCTETS + len(beginning) + _VALIDITY_OCTETS + len(end)
    return AnswerForm(
        responder_id,
        nonce_octets,
        der.header(der.SEQUENCE, whole + (nonce_octets or 0)) + responder_id,
        beginning,
        end,
    )


def encode_response(
    response_data: bytes, algorithm: bytes, signature: bytes, certificates: bytes
) -> bytes:
    """Return the OCSPResponse around signed data; `certificates` is the field [0] in DER."""
    before_signature = _before_signature(algorithm, len(signature))
    octets = len(response_data) + len(before_signature) + len(signature) + len(certificates)
    return b"".join(
        (_before_basic(octets), response_data, before_signature, signature, certificates)
    )


@lru_cache(_MOST_KEPT)
def _before_signature(algorithm: bytes, octets: int) -> bytes:
    """Return the algorithm and what stands before a signature of so many octets."""
    whole = algorithm + der.bit_string(bytes(octets))
    return whole[: len(whole) - octets]


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
