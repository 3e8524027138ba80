"""Rules about the basic fields (RFC 5280 section 4.1)."""

from typing import cast

from ca.errors import PublicKeyRefused
from ca.key_types import CaPublicKey
from ca.keys.algorithms import accept_authority_key, accept_public_key
from ca.keys.reading import is_written_canonically
from ca.linting.draft import Draft, Rule
from ca.serial_numbers import serial_number_of
from ca.weak_keys import find_weakness

_MAXIMUM_SERIAL_BITS = 20 * 8 - 1  # 20 octets as a positive INTEGER
_MINIMUM_SERIAL_BITS = 64


def serial_number_is_bounded(draft: Draft) -> str | None:
    """Positive and at most 20 octets (section 4.1.2.2)."""
    number = draft.certificate.serial_number
    if number <= 0 or number.bit_length() > _MAXIMUM_SERIAL_BITS:
        return "the serial number is not positive or longer than 20 octets"
    return None


def serial_number_is_long_enough(draft: Draft) -> str | None:
    """Room for 64 random bits (section 4.1.2.2; CA/Browser Forum Baseline Requirements 7.1).

    A number that can be foretold let a collision in MD5 become a CA in 2008.
    """
    if draft.certificate.serial_number.bit_length() < _MINIMUM_SERIAL_BITS:
        return "the serial number is too short to be unpredictable"
    return None


def serial_number_is_the_reserved_one(draft: Draft) -> str | None:
    """Unique, which only the reservation guarantees (section 4.1.2.2)."""
    if serial_number_of(draft.certificate.serial_number) != draft.serial_number:
        return "the serial number is not the one that was reserved"
    return None


def public_key_is_accepted(draft: Draft) -> str | None:
    """A kind and size the CA certifies (section 4.1.2.7, SP 800-57 part 1)."""
    try:
        accept = accept_authority_key if draft.is_authority else accept_public_key
        accept(draft.public_key)
    except PublicKeyRefused:
        return "the public key's kind or size is not accepted"
    return None


def public_key_is_written_canonically(draft: Draft) -> str | None:
    """Named curve and uncompressed point (RFC 5480 section 2), NULL for RSA (RFC 3279 2.3.1).

    No parameters for Ed25519 (RFC 8410 section 3) and ML-DSA (RFC 9881 section 4).
    """
    if not is_written_canonically(draft.octets.subject_public_key_info, draft.public_key):
        return "the public key is not written as its standard says"
    return None


def public_key_is_strong(draft: Draft) -> str | None:
    """Nobody else can compute the private half (section 8, FIPS 186-5 section 5)."""
    # Kinds that are not accepted are another rule's matter.
    finding = find_weakness(cast(CaPublicKey, draft.public_key))
    return f"the public key is weak: {finding}" if finding is not None else None


def public_key_is_not_the_issuers(draft: Draft) -> str | None:
    """An authority's key certifies itself only in its root (section 3.2)."""
    if draft.issuer is not None and draft.public_key == draft.issuer_key:
        return "the public key is the issuer's own"
    return None


FIELD_RULES: tuple[Rule, ...] = (
    serial_number_is_bounded,
    serial_number_is_long_enough,
    serial_number_is_the_reserved_one,
    public_key_is_accepted,
    public_key_is_written_canonically,
    public_key_is_strong,
    public_key_is_not_the_issuers,
)
