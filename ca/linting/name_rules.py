"""Rules about names (RFC 5280 sections 4.1.2.4, 4.1.2.6, 4.2.1.6, 4.2.1.10)."""

import ipaddress
import re
from collections.abc import Iterable

from cryptography import x509
from cryptography.x509.oid import NameOID

from ca.linting.draft import Draft, Rule
from ca.subject import UPPER_BOUNDS

# RFC 1034 section 3.5 with the correction of RFC 1123 section 2.1.
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_MAXIMUM_NAME = 253


def issuer_is_the_authority(draft: Draft) -> str | None:
    """The issuer's name is, octet for octet, the subject of its certificate (4.1.2.4)."""
    signer = draft.issuer or draft.certificate
    if draft.certificate.issuer.public_bytes() != signer.subject.public_bytes():
        return "the issuer is not the subject of the authority's certificate"
    return None


def subject_is_not_empty(draft: Draft) -> str | None:
    """A CA's MUST NOT be empty (4.1.2.6); ours never is."""
    return None if list(draft.certificate.subject) else "the subject is empty"


def subject_is_not_the_issuer(draft: Draft) -> str | None:
    """Only the root is self-issued (section 3.2)."""
    if draft.issuer is not None and draft.certificate.subject == draft.issuer.subject:
        return "the subject is the issuer"
    return None


def subject_attributes_fit(draft: Draft) -> str | None:
    """Upper bounds (appendix A.1), one attribute per RDN, none twice (4.1.2.6)."""
    attributes = list(draft.certificate.subject)
    if len(draft.certificate.subject.rdns) != len({item.oid for item in attributes}):
        return "an attribute of the subject appears twice or shares an RDN"
    for item in attributes:
        if not item.value or len(item.value) > UPPER_BOUNDS.get(item.oid, 2):
            return f"{item.oid._name} is empty or too long"
    return None


def server_names_are_names(draft: Draft) -> str | None:
    """A server is named by dNSName or iPAddress in preferred syntax (4.2.1.6)."""
    names = draft.extension(x509.SubjectAlternativeName)
    if draft.kind != "server":
        return None
    if names is None:
        return "the server has no name"
    for name in names.value.get_values_for_type(x509.DNSName):
        if len(name) > _MAXIMUM_NAME or not all(map(_LABEL.fullmatch, name.split("."))):
            return f"{name!r} is no host name"
    return None


def server_names_are_permitted(draft: Draft) -> str | None:
    """Inside the issuer's name constraints, or nobody would accept it (4.2.1.10)."""
    names = draft.extension(x509.SubjectAlternativeName)
    permitted = _permitted(draft.issuer)
    if names is None or permitted is None:
        return None
    for name in names.value:
        if not any(_contains(tree, name) for tree in permitted):
            return f"{name.value} is outside the name constraints of the issuing CA"
    return None


def common_name_is_not_a_host_name(draft: Draft) -> str | None:
    """A client called like a host would fail the constraints (4.2.1.10) in OpenSSL.

    OpenSSL takes the common name of a leaf without dNSName for a host name when
    it looks like one, and so would every verifier built on it.
    """
    if draft.kind in ("root", "issuing", "server") or _permitted(draft.issuer) is None:
        return None
    for item in draft.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        labels = str(item.value).split(".")
        if len(labels) > 1 and all(map(_LABEL.fullmatch, labels)):
            return "the common name looks like a host name"
    return None


def _permitted(issuer: x509.Certificate | None) -> Iterable[x509.GeneralName] | None:
    if issuer is None:
        return None
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.NameConstraints)
    except x509.ExtensionNotFound:
        return None
    return constraints.value.permitted_subtrees


def _contains(tree: x509.GeneralName, name: x509.GeneralName) -> bool:
    if isinstance(tree, x509.DNSName) and isinstance(name, x509.DNSName):
        # Any name made by adding labels on the left, and the name itself.
        return f".{name.value}".lower().endswith(f".{tree.value}".lower())
    if isinstance(tree, x509.IPAddress) and isinstance(name, x509.IPAddress):
        network, address = tree.value, name.value
        assert isinstance(network, ipaddress.IPv4Network | ipaddress.IPv6Network)
        return address in network
    return False


NAME_RULES: tuple[Rule, ...] = (
    issuer_is_the_authority,
    subject_is_not_empty,
    subject_is_not_the_issuer,
    subject_attributes_fit,
    server_names_are_names,
    server_names_are_permitted,
    common_name_is_not_a_host_name,
)
