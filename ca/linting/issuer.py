"""What the rules ask of an issuer, read once for all certificates below it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509

# A gateway has a root and a handful of issuing CAs.
_ISSUERS = 64


@dataclass(frozen=True)
class IssuerFacts:
    """Facts of an authority's certificate."""

    subject: x509.Name
    subject_octets: bytes
    key_identifier: bytes
    not_before: datetime
    not_after: datetime
    permitted: Sequence[x509.GeneralName] | None
    """The permitted subtrees of its name constraints, None when it has none."""
    certificate: x509.Certificate


@lru_cache(maxsize=_ISSUERS)
def read_issuer(certificate: x509.Certificate) -> IssuerFacts:
    """Return the facts; raises `x509.ExtensionNotFound` for one without a key identifier."""
    extensions = certificate.extensions
    try:
        constraints = extensions.get_extension_for_class(x509.NameConstraints).value
        permitted = constraints.permitted_subtrees
    except x509.ExtensionNotFound:
        permitted = None
    return IssuerFacts(
        subject=certificate.subject,
        subject_octets=certificate.subject.public_bytes(),
        key_identifier=extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        permitted=permitted,
        certificate=certificate,
    )
