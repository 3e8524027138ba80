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

Memory is flat: both lists are walked at the same time, entry by entry.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from ca.crl.building import CrlContent, crl_extensions
from ca.crl.encoding import HOLD_CODE
from ca.crl.entries import Listed
from ca.crl.errors import CrlFault
from ca.crl.reading import NotReadable, entries_of, reason_code
from ca.key_types import CaPublicKey

# Answers which of some serial numbers may leave the list: those whose certificate
# had expired before the previous CRL was made.
RemovableSerials = Callable[[Iterable[int]], set[int]]

_LOST_AT_ONCE = 500

# As `ca.crl.reading.entries_of` yields them; `_END` is longer than any.
_Entry = tuple[int, bytes, int, int]
_END: _Entry = (99, b"", 0, 0)


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
    _require(_is_signed(crl, issuer_key), "does not verify under the issuer's key")

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
        walk = _Walk(
            entries_of(der) if passage.must_list is not None else _ordered(der),
            _ordered(old) if old else (),
        )
        for lost in walk.lost_in_parts():
            # A release stands in a delta; only its absence would be a loss.
            gone = set(lost) if content.base_number is not None else _not_released(old, lost)
            _require(
                not gone or passage.removable(gone) >= gone,
                "has lost an entry that is not expired",
            )
    except NotReadable as broken:
        raise CrlFault(f"the new CRL or the one before is not readable: {broken}") from broken

    # 6.
    _require(
        passage.must_list is None or walk.listed == passage.must_list,
        "does not list what it was made for",
    )


def number_of(crl: x509.CertificateRevocationList) -> int:
    """Return a CRL's number; raises `CrlFault` without one."""
    try:
        return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound as missing:
        raise CrlFault("the new CRL carries no number") from missing


class _Walk:
    """A walk along the new list and the one before it, both by ascending serial number."""

    def __init__(self, new: Iterable[_Entry], old: Iterable[_Entry]) -> None:
        self._new = new
        self._old = iter(old)
        self._count = self._total = 0

    @property
    def listed(self) -> Listed:
        """Return what the new list has; known when the walk is over."""
        return Listed(self._count, self._total)

    def lost_in_parts(self) -> Iterator[dict[int, tuple[int, int]]]:
        """Yield the entries that only the old list has: where they stand, by serial number.

        Raises `CrlFault` when the new one is not in strictly ascending order.
        """
        lost: dict[int, tuple[int, int]] = {}
        old = next(self._old, _END)
        size_before, serial_before = 0, b""
        # A million times: no call in here that is not needed.
        for size, serial, _, _ in self._new:
            if size < size_before or (size == size_before and serial <= serial_before):
                raise CrlFault("the new CRL is not in the order of serial numbers, each once")
            size_before, serial_before = size, serial
            self._count += 1
            self._total += int.from_bytes(serial, "big")
            while old[0] < size or (old[0] == size and old[1] < serial):
                lost[int.from_bytes(old[1], "big")] = old[2:]
                if len(lost) >= _LOST_AT_ONCE:
                    yield lost
                    lost = {}
                old = next(self._old, _END)
            if old[1] == serial:
                old = next(self._old, _END)
        while old is not _END:
            lost[int.from_bytes(old[1], "big")] = old[2:]
            if len(lost) >= _LOST_AT_ONCE:
                yield lost
                lost = {}
            old = next(self._old, _END)
        yield lost


def _ordered(der: bytes) -> Iterable[_Entry]:
    """Return the entries of a list by serial number, whatever order it has.

    Lists of this program have that order, and are not held in memory.
    """
    before: tuple[int, bytes] = (0, b"")
    for size, serial, _, _ in entries_of(der):
        if (size, serial) < before:
            return sorted(entries_of(der))
        before = size, serial
    return entries_of(der)


def _continues(content: CrlContent, before: x509.CertificateRevocationList | None) -> bool:
    """Whether the new list has to hold what the one before held."""
    if before is None:
        return False
    if content.base_number is None:
        return True
    base = before.extensions.get_extension_for_class(x509.DeltaCRLIndicator).value.crl_number
    return base == content.base_number


def _not_released(previous: bytes, lost: dict[int, tuple[int, int]]) -> set[int]:
    return {
        serial
        for serial, (start, end) in lost.items()
        if reason_code(previous, start, end) != HOLD_CODE
    }


def parse_crl(der: bytes) -> x509.CertificateRevocationList:
    """Return the CRL with its extensions parsed; raises `CrlFault`. Nothing is verified."""
    try:
        crl = x509.load_der_x509_crl(der)
        # Extensions are parsed when they are first asked for.
        _ = crl.extensions
    except (ValueError, x509.DuplicateExtension) as broken:
        raise CrlFault(f"the new CRL is not one in DER: {broken}") from broken
    return crl


def _is_signed(crl: x509.CertificateRevocationList, issuer_key: CaPublicKey) -> bool:
    try:
        return crl.is_signature_valid(issuer_key)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        # A signature of another kind than the issuer's key.
        return False


def _require(holds: bool, fault: str) -> None:
    if not holds:
        raise CrlFault(f"the new CRL {fault}")
