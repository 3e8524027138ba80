"""What the admission layer has put on a request."""

from fastapi import Request

from ca.verification import VerifiedCertificate
from foundation.errors import Denied
from gateway.admission.admission import Admitted


def admitted_of(request: Request) -> Admitted:
    """Return who is asking; raises `Denied` ("login-required") when nobody is."""
    admitted = getattr(request.state, "admitted", None)
    if not isinstance(admitted, Admitted):
        raise Denied("login-required")
    return admitted


def certificate_of(request: Request) -> VerifiedCertificate:
    """Return the verified client certificate; raises `Denied` when there is none."""
    certificate = getattr(request.state, "certificate", None)
    if not isinstance(certificate, VerifiedCertificate):
        raise Denied("certificate-required")
    return certificate
