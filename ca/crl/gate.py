"""The gate a new CRL passes before it is stored.

It reads the signed DER back and does not trust the code that made it. A new
CRL must

1. parse, name the authority as its issuer, and verify under its key,
2. carry exactly the number it was made for, above that of the one before
   (RFC 5280 section 5.2.3),
3. not be older than the one before, and end after it begins (5.1.2.5),
4. list every certificate that must be on it, and
5. have lost no entry of the one before except released holds and certificates
   that had expired before that one was made (3.3, 5.3.1).
"""

from collections.abc import Callable, Iterable

from cryptography import x509

from ca.crl.building import CrlContent
from ca.crl.errors import CrlFault
from ca.key_types import CaPublicKey

# Answers which of some serial numbers may leave the list: those whose certificate
# had expired before the previous CRL was made.
RemovableSerials = Callable[[Iterable[int]], set[int]]


def verify_new_crl(
    der: bytes,
    content: CrlContent,
    issuer: x509.Certificate,
    issuer_key: CaPublicKey,
    previous: x509.CertificateRevocationList | None,
    removable: RemovableSerials,
) -> None:
    """Raise `CrlFault` unless the new CRL meets the obligations above."""
    # 1.
    crl = x509.load_der_x509_crl(der)
    _require(crl.issuer == issuer.subject, "names another issuer")
    _require(crl.is_signature_valid(issuer_key), "does not verify under the issuer's key")

    # 2.
    _require(_number_of(crl) == content.crl_number, "carries another number")
    _require(
        previous is None or content.crl_number > _number_of(previous),
        "its number is not above the one before",
    )

    # 3.
    this_update, next_update = crl.last_update_utc, crl.next_update_utc
    _require(next_update is not None and next_update > this_update, "ends before it begins")
    _require(
        previous is None or this_update >= previous.last_update_utc, "is older than the one before"
    )

    # 4.
    listed = {entry.serial_number for entry in crl}
    _require(
        listed == {entry.serial_number for entry in content.entries}
        and len(crl) == len(content.entries),
        "does not list what it was made for",
    )

    # 5.
    if previous is not None:
        lost = {
            entry.serial_number
            for entry in previous
            if entry.serial_number not in listed and not _is_hold(entry)
        }
        _require(not lost or removable(lost) >= lost, "has lost an entry that is not expired")


def _number_of(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def _is_hold(entry: x509.RevokedCertificate) -> bool:
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return False
    return reason is x509.ReasonFlags.certificate_hold


def _require(holds: bool, fault: str) -> None:
    if not holds:
        raise CrlFault(f"the new CRL {fault}")
