"""What the rules ask of an issuer, read once for all certificates below it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509

# A gateway has a root and a handful of issuing CAs.
_ISSUERS = 64


# Two are the same when they are one object: what is kept for an issuer is found fast.
@dataclass(frozen=True, eq=False)
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


# By identity: hashing a certificate costs more than all else that is looked up here.
_READ: Final[dict[int, IssuerFacts]] = {}


def read_issuer(certificate: x509.Certificate) -> IssuerFacts:
    """Return the facts; raises `x509.ExtensionNotFound` for one without a key identifier."""
    found = _READ.get(id(certificate))
    # A number stands for the object as long as the facts keep it alive, and no longer.
    if found is not None and found.certificate is certificate:
        return found
    if len(_READ) >= _ISSUERS:
        _READ.clear()
    facts = _READ[id(certificate)] = _read(certificate)
    return facts


def _read(certificate: x509.Certificate) -> IssuerFacts:
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
