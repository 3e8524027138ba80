"""The elements of revokedCertificates in DER (RFC 5280 sections 5.1.2.6 and 5.3)."""

from datetime import datetime
from typing import Final

from cryptography import x509

from ca.encoding.der import enumerated, generalized_time, integer, octet_string, sequence, time
from ca.reasons import reason_flag

# id-ce-cRLReasons and id-ce-invalidityDate.
_REASON: Final = bytes.fromhex("0603551d15")
_INVALIDITY_DATE: Final = bytes.fromhex("0603551d18")

# CRLReason ::= ENUMERATED (section 5.3.1); 7 is not used.
_CODES: Final = {
    x509.ReasonFlags.key_compromise: 1,
    x509.ReasonFlags.ca_compromise: 2,
    x509.ReasonFlags.affiliation_changed: 3,
    x509.ReasonFlags.superseded: 4,
    x509.ReasonFlags.cessation_of_operation: 5,
    x509.ReasonFlags.certificate_hold: 6,
    x509.ReasonFlags.remove_from_crl: 8,
    x509.ReasonFlags.privilege_withdrawn: 9,
    x509.ReasonFlags.aa_compromise: 10,
}
HOLD_CODE: Final = _CODES[x509.ReasonFlags.certificate_hold]


def encode_entry(
    serial_number: str,
    revoked_at: datetime,
    reason: str | None,
    invalidity_date: datetime | None = None,
) -> bytes:
    """Return what a CRL says of a certificate; times are cut to whole seconds.

    The reason "unspecified" is left out, as it SHOULD be. Both extensions are
    non-critical (sections 5.3.1, 5.3.2).
    """
    flag = reason_flag(reason)
    extensions = b""
    if flag is not None:
        extensions += _extension(_REASON, enumerated(_CODES[flag]))
    if invalidity_date is not None:
        extensions += _extension(_INVALIDITY_DATE, generalized_time(invalidity_date))
    content = integer(int(serial_number, 16)) + time(revoked_at)
    return sequence(content, sequence(extensions) if extensions else b"")


def encode_removal(serial_number: str, released_at: datetime) -> bytes:
    """Return what a delta CRL says of a hold that was released (section 5.3.1)."""
    return encode_entry(serial_number, released_at, x509.ReasonFlags.remove_from_crl.value)


def _extension(identifier: bytes, value: bytes) -> bytes:
    return sequence(identifier, octet_string(value))
