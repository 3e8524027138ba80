"""What our CA publishes about a certificate."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from ca.crl.scopes import FULL, Scope
from tests.conformance.other_verifiers.evidence import Evidence
from tests.support.revocation import RevocableCa, request_for


def published_about(
    revocable: RevocableCa, leaf: x509.Certificate, *, scope: Scope = FULL
) -> Evidence:
    """Return the path above `leaf`, and the CRLs as they are now.

    That of the issuing CA in another scope than the full one, if so wished.
    """
    hierarchy = revocable.ca.hierarchy
    issuers = hierarchy.issuers.values()
    # Of a stranger's certificate we say what we say of our own.
    issuing = next(
        (one for one in issuers if one.certificate.subject == leaf.issuer), hierarchy.issuing
    )
    crls = [revocable.crl("root"), revocable.crl(issuing.name, scope)]
    return Evidence(
        leaf=leaf,
        issuing=issuing.certificate,
        root=hierarchy.root.certificate,
        crls=[crl.public_bytes(Encoding.DER) for crl in crls],
    )


def answer_about(revocable: RevocableCa, leaf: x509.Certificate) -> bytes:
    """Return the responder's answer, by SHA-1 names as every client asks (RFC 5019 2.1.1)."""
    sha1 = hashes.SHA1()  # noqa: S303 - it names the issuer, it protects nothing
    issuing = published_about(revocable, leaf).issuing
    request = request_for(issuing, f"{leaf.serial_number:X}", sha1)
    return revocable.responder.respond(request)
