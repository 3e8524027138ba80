"""Rules about the basic fields (RFC 5280 section 4.1)."""

from cryptography import x509

from ca.errors import PublicKeyRefused
from ca.keys.algorithms import accept_authority_key, accept_public_key
from ca.linting.draft import Draft, Rule
from ca.serial_numbers import serial_number_of

_MAXIMUM_SERIAL_BITS = 20 * 8 - 1  # 20 octets as a positive INTEGER


def version_is_v3(draft: Draft) -> str | None:
    """Extensions need version 3 (section 4.1.2.1)."""
    return None if draft.certificate.version is x509.Version.v3 else "the version is not v3"


def serial_number_is_bounded(draft: Draft) -> str | None:
    """Positive and at most 20 octets (section 4.1.2.2)."""
    number = draft.certificate.serial_number
    if number <= 0 or number.bit_length() > _MAXIMUM_SERIAL_BITS:
        return "the serial number is not positive or longer than 20 octets"
    return None


def serial_number_is_the_reserved_one(draft: Draft) -> str | None:
    """Unique, which only the reservation guarantees (section 4.1.2.2)."""
    if serial_number_of(draft.certificate.serial_number) != draft.serial_number:
        return "the serial number is not the one that was reserved"
    return None


def validity_is_inside_the_issuers(draft: Draft) -> str | None:
    """Starts before it ends (section 4.1.2.5), inside the issuer's (shell model)."""
    certificate, issuer = draft.certificate, draft.issuer
    if certificate.not_valid_before_utc >= certificate.not_valid_after_utc:
        return "the validity ends before it starts"
    if issuer is not None and (
        certificate.not_valid_before_utc < issuer.not_valid_before_utc
        or certificate.not_valid_after_utc > issuer.not_valid_after_utc
    ):
        return "the validity reaches outside the issuer's"
    return None


def public_key_is_accepted(draft: Draft) -> str | None:
    """A kind and size the CA certifies (section 4.1.2.7, SP 800-57 part 1)."""
    try:
        accept = accept_authority_key if draft.is_authority else accept_public_key
        accept(draft.certificate.public_key())
    except PublicKeyRefused:
        return "the public key's kind or size is not accepted"
    return None


def public_key_is_not_the_issuers(draft: Draft) -> str | None:
    """An authority's key certifies itself only in its root (section 3.2)."""
    if draft.issuer is not None and draft.certificate.public_key() == draft.issuer_key:
        return "the public key is the issuer's own"
    return None


FIELD_RULES: tuple[Rule, ...] = (
    version_is_v3,
    serial_number_is_bounded,
    serial_number_is_the_reserved_one,
    validity_is_inside_the_issuers,
    public_key_is_accepted,
    public_key_is_not_the_issuers,
)
