"""Writing a TBSCertList, version 2 (RFC 5280 section 5.1), around encoded entries.

The library's builder takes a list of entries and makes objects of each; a
million of them take minutes and gigabytes. Here the list is a string of octets.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from ca.authorities import Authority
from ca.crl.scopes import distribution_point
from ca.encoding.der import SEQUENCE, TRUE, explicit, header, integer, octet_string, sequence, time
from ca.encoding.signature_algorithms import signature_algorithm_of

_VERSION_2 = integer(1)


@dataclass(frozen=True)
class CrlContent:
    """What a CRL says beside its issuer and its entries; times in whole seconds.

    `addresses` are a shard's, `base_number` a delta's, and `freshest` is where
    a full CRL says that its delta is.
    """

    crl_number: int
    this_update: datetime
    next_update: datetime
    addresses: tuple[str, ...] = ()
    base_number: int | None = None
    freshest: str | None = None


def write_tbs(authority: Authority, content: CrlContent, entries: Iterable[bytes]) -> bytes:
    """Return the TBSCertList in DER; `entries` are pieces of the list in their order."""
    listed = b"".join(entries)
    before = b"".join(
        (
            _VERSION_2,
            signature_algorithm_of(authority.signer.public_key).identifier,
            authority.certificate.subject.public_bytes(),
            time(content.this_update),
            # Section 5.1.2.5: MUST be there.
            time(content.next_update),
            # Section 5.1.2.6: absent when there are none.
            header(SEQUENCE, len(listed)) if listed else b"",
        )
    )
    extensions = explicit(
        0, sequence(*map(_encode, crl_extensions(authority.certificate, content)))
    )
    length = len(before) + len(listed) + len(extensions)
    return b"".join((header(SEQUENCE, length), before, listed, extensions))


def crl_extensions(
    issuer: x509.Certificate, content: CrlContent
) -> Sequence[x509.Extension[x509.ExtensionType]]:
    """Return the extensions of a CRL with their criticality."""
    # Sections 5.2.1 and 5.2.3: both MUST be there, both non-critical.
    values: list[tuple[x509.ExtensionType, bool]] = [
        (_authority_key_identifier(issuer), False),
        (x509.CRLNumber(content.crl_number), False),
    ]
    # Sections 5.2.4 and 5.2.5: critical, because who cannot read them would
    # take a part for the whole. 5.2.6: non-critical.
    if content.base_number is not None:
        values.append((x509.DeltaCRLIndicator(content.base_number), True))
    if content.addresses:
        values.append((distribution_point(list(content.addresses)), True))
    if content.freshest is not None:
        place = x509.UniformResourceIdentifier(content.freshest)
        values.append(
            (x509.FreshestCRL([x509.DistributionPoint([place], None, None, None)]), False)
        )
    return [x509.Extension(value.oid, critical, value) for value, critical in values]


def _encode(extension: x509.Extension[x509.ExtensionType]) -> bytes:
    # BOOLEAN DEFAULT FALSE: DER leaves the default out (X.690 section 11.5).
    identifier = _object_identifier(extension.oid)
    critical = TRUE if extension.critical else b""
    return sequence(identifier, critical, octet_string(extension.value.public_bytes()))


def _object_identifier(oid: x509.ObjectIdentifier) -> bytes:
    # All of them are below id-ce, 2.5.29.
    arc = int(oid.dotted_string.removeprefix("2.5.29."))
    return bytes((0x06, 3, 0x55, 0x1D, arc))


def _authority_key_identifier(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own.value)
