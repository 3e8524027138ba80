"""What our CA publishes about a certificate."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from tests.conformance.other_verifiers.evidence import Evidence
from tests.support.revocation import RevocableCa, request_for


def published_about(revocable: RevocableCa, leaf: x509.Certificate) -> Evidence:
    """Return the path above `leaf` and the CRLs as they are now."""
    hierarchy = revocable.ca.hierarchy
    return Evidence(
        leaf=leaf,
        issuing=hierarchy.issuing.certificate,
        root=hierarchy.root.certificate,
        crls=[revocable.crl(name).public_bytes(Encoding.DER) for name in ("root", "issuing")],
    )


def answer_about(revocable: RevocableCa, leaf: x509.Certificate) -> bytes:
    """Return the responder's answer, by SHA-1 names as every client asks (RFC 5019 2.1.1)."""
    sha1 = hashes.SHA1()  # noqa: S303 - it names the issuer, it protects nothing
    issuing = revocable.ca.hierarchy.issuing.certificate
    request = request_for(issuing, f"{leaf.serial_number:X}", sha1)
    return revocable.responder.respond(request)
