"""Building the to-be-signed part of a certificate (RFC 5280 section 4.1.2).

The content is fixed, linted and stored before a key touches it. The library
only builds by signing, so the frame is written here; names, keys and the
values of extensions are the library's. Whatever this writes is read again by
the library's parser and by `ca.linting`, and in tests it is the same, octet
for octet, as what the library builds; docs/decisions/0019-tbs-written-here.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.encoding.der import (
    TRUE,
    explicit,
    integer,
    object_identifier,
    octet_string,
    sequence,
    time,
)
from ca.encoding.signature_algorithms import signature_algorithm_of
from ca.key_types import CaPublicKey

_VERSION_3 = explicit(0, integer(2))
_EXTENSIONS = 3


@dataclass(frozen=True)
class TbsContent:
    """Everything a TBSCertificate says."""

    serial_number: int
    issuer: x509.Name
    subject: x509.Name
    public_key: CaPublicKey
    not_before: datetime
    not_after: datetime
    extensions: Sequence[tuple[x509.ExtensionType, bool]]


def encode_tbs(content: TbsContent, issuer_key: CaPublicKey) -> bytes:
    """Return the DER of a TBSCertificate that `issuer_key` is to sign.

    Does not check anything: `ca.linting` does.
    """
    return _assemble(
        content.serial_number,
        signature_algorithm_of(issuer_key).identifier + content.issuer.public_bytes(),
        sequence(time(content.not_before), time(content.not_after)),
        content.subject.public_bytes(),
        content.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        encode_extensions(content.extensions),
    )


class TbsFrame:
    """What the certificates of one profile under one issuer have in common, encoded once."""

    def __init__(
        self, issuer: x509.Name, issuer_key: CaPublicKey, extensions: tuple[bytes, bytes]
    ) -> None:
        """`extensions` is their SEQUENCE before and after the subject key identifier."""
        self._signed_by = signature_algorithm_of(issuer_key).identifier + issuer.public_bytes()
        self._before, self._after = extensions

    def fill(
        self,
        *,
        serial_number: int,
        validity: tuple[datetime, datetime],
        subject: bytes,
        subject_public_key_info: bytes,
        key_identifier: bytes,
    ) -> bytes:
        """Return the DER of a TBSCertificate, as `encode_tbs` would."""
        return _assemble(
            serial_number,
            self._signed_by,
            _validity(*validity),
            subject,
            subject_public_key_info,
            self._before + key_identifier + self._after,
        )


def encode_extensions(extensions: Sequence[tuple[x509.ExtensionType, bool]]) -> bytes:
    """Return the DER of Extensions (RFC 5280 section 4.1)."""
    return sequence(*(_extension(*item) for item in extensions))


def _assemble(
    serial_number: int,
    signed_by: bytes,
    validity: bytes,
    subject: bytes,
    subject_public_key_info: bytes,
    extensions: bytes,
) -> bytes:
    return sequence(
        _VERSION_3,
        integer(serial_number),
        signed_by,
        validity,
        subject,
        subject_public_key_info,
        explicit(_EXTENSIONS, extensions),
    )


@lru_cache(maxsize=64)
def _validity(not_before: datetime, not_after: datetime) -> bytes:
    # All that is issued in one second has the same.
    return sequence(time(not_before), time(not_after))


def _extension(value: x509.ExtensionType, critical: bool) -> bytes:
    # FALSE is the default, which DER leaves out (X.690 section 11.5).
    criticality = TRUE if critical else b""
    name = object_identifier(value.oid.dotted_string)
    return sequence(name, criticality, octet_string(value.public_bytes()))
