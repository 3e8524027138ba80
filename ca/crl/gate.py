"""The gate a new CRL passes before it is stored.

It reads the signed DER back and does not trust the code that made it. A new
CRL must

1. parse as a whole, name the authority as its issuer, and verify under its key,
2. carry exactly the number it was made for, above that of the one before in its
   scope (RFC 5280 section 5.2.3),
3. not be older than the one before, and end after it begins (5.1.2.5),
4. have exactly the extensions of its scope: the addresses that certificates
   point at for a shard (5.2.5), the full CRL it starts from for a delta (5.2.4),
5. list each certificate once, by ascending serial number (one that was made
   elsewhere may have another order),
6. list every certificate that must be on it and no other, and
7. have lost no entry of the one before except released holds and certificates
   that had expired before that one was made (3.3, 5.3.1). A delta that starts
   from the same full CRL loses nothing at all.

Memory is flat: both lists are walked at the same time, entry by entry
(`ca.crl.comparison`).
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from cryptography import x509

from ca.crl.building import CrlContent, crl_extensions
from ca.crl.comparison import Comparison, Lost, OldListUnsorted, compare_unsorted
from ca.crl.encoding import HOLD_CODE
from ca.crl.entries import Listed
from ca.crl.errors import CrlFault
from ca.crl.reading import (
    NotReadable,
    algorithms_of,
    reason_code,
    signed_part,
)
from ca.encoding.signature_algorithms import signature_algorithm_of
from ca.errors import SigningFault
from ca.key_types import CaPublicKey
from ca.signing.proof import verify_signature

# Answers which of some serial numbers may leave the list: those whose certificate
# had expired before the previous CRL was made.
RemovableSerials = Callable[[Iterable[int]], set[int]]

LONGEST_UNSORTED: Final = 1024 * 1024


@dataclass(frozen=True)
class Passage:
    """What the gate knows of a new CRL: what it was made for, and the one before.

    `must_list` is None for a CRL made elsewhere, where only the root's key is.
    """

    content: CrlContent
    must_list: Listed | None
    previous: bytes | None
    removable: RemovableSerials


def verify_new_crl(
    der: bytes, issuer: x509.Certificate, issuer_key: CaPublicKey, passage: Passage
) -> None:
    """Raise `CrlFault` unless the new CRL meets the obligations above."""
    content = passage.content
    # 1.
    crl = parse_crl(der)
    _require(crl.issuer == issuer.subject, "names another issuer")
    _require(_is_signed(der, crl.signature, issuer_key), "does not verify under the issuer's key")

    # 2.
    before = parse_crl(passage.previous) if passage.previous is not None else None
    _require(number_of(crl) == content.crl_number, "carries another number")
    _require(
        before is None or content.crl_number > number_of(before),
        "its number is not above the one before",
    )

    # 3.
    this_update, next_update = crl.last_update_utc, crl.next_update_utc
    _require(
        (this_update, next_update) == (content.this_update, content.next_update),
        "carries another time",
    )
    _require(next_update is not None and next_update > this_update, "ends before it begins")
    _require(
        before is None or this_update >= before.last_update_utc, "is older than the one before"
    )

    # 4.
    expected = {extension.oid: extension for extension in crl_extensions(issuer, content)}
    _require(
        {extension.oid: extension for extension in crl.extensions} == expected,
        "has other extensions than those of its scope",
    )

    # 5. and 7. in one walk
    old = (passage.previous or b"") if _continues(content, before) else b""
    try:
        listed = _compare(der, old, passage)
    except NotReadable as broken:
        raise CrlFault(f"the new CRL or the one before is not readable: {broken}") from broken

    # 6.
    _require(
        passage.must_list is None or listed == passage.must_list,
        "does not list what it was made for",
    )


def number_of(crl: x509.CertificateRevocationList) -> int:
    """Return a CRL's number; raises `CrlFault` without one."""
    try:
        return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound as missing:
        raise CrlFault("the new CRL carries no number") from missing


def _compare(der: bytes, old: bytes, passage: Passage) -> Listed:
    """Return what the new list has; raises `CrlFault` for its order and for what it lost."""
    if passage.must_list is not None:
        comparison = Comparison(der, old)
        try:
            for lost in comparison.lost_in_parts():
                _require_removable(old, lost, passage)
            return comparison.listed
        except OldListUnsorted:
            # From before entries were sorted; those that were kept are short.
            deque(Comparison(der, b"").lost_in_parts(), maxlen=0)
            _require(len(old) <= LONGEST_UNSORTED, "comes after a long one without order")
    lost, listed = compare_unsorted(der, old)
    _require_removable(old, lost, passage)
    return listed


def _require_removable(old: bytes, lost: Lost, passage: Passage) -> None:
    # A release stands in a delta; only its absence would be a loss.
    is_delta = passage.content.base_number is not None
    gone = set(lost) if is_delta else _not_released(old, lost)
    _require(
        not gone or passage.removable(gone) >= gone,
        "has lost an entry that is not expired",
    )


def _continues(content: CrlContent, before: x509.CertificateRevocationList | None) -> bool:
    """Whether the new list has to hold what the one before held."""
    if before is None:
        return False
    if content.base_number is None:
        return True
    base = before.extensions.get_extension_for_class(x509.DeltaCRLIndicator).value.crl_number
    return base == content.base_number


def _not_released(previous: bytes, lost: Lost) -> set[int]:
    return {
        serial
        for serial, (start, end) in lost.items()
        if reason_code(previous, start, end) != HOLD_CODE
    }


def parse_crl(der: bytes) -> x509.CertificateRevocationList:
    """Return the CRL with its extensions parsed; raises `CrlFault`. Nothing is verified."""
    try:
        crl = x509.load_der_x509_crl(der)
        # These are parsed when they are first asked for.
        _ = (crl.extensions, crl.issuer, crl.last_update_utc, crl.next_update_utc)
    except (
        ValueError,
        x509.DuplicateExtension,
        x509.InvalidVersion,
        x509.UnsupportedGeneralNameType,
    ) as broken:
        raise CrlFault(f"the new CRL is not one in DER: {broken}") from broken
    return crl


def _is_signed(der: bytes, signature: bytes, issuer_key: CaPublicKey) -> bool:
    """Verify the octets as they are; the library would encode a million entries anew."""
    algorithm = signature_algorithm_of(issuer_key).identifier
    start, end = signed_part(der)
    # Sections 5.1.1.2 and 5.1.2.2: the same algorithm inside and outside.
    if algorithms_of(der) != (algorithm, algorithm):
        return False
    try:
        verify_signature(issuer_key, signature, der[start:end])
    except SigningFault:
        return False
    return True


def _require(holds: bool, fault: str) -> None:
    if not holds:
        raise CrlFault(f"the new CRL {fault}")
