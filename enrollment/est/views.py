"""The operations of EST (RFC 7030 section 3.2.2), on the public and the portal listener."""

from typing import Annotated

from cryptography import x509
from fastapi import APIRouter, Depends, Header, Request, Response

from ca.csr import accept_csr
from ca.records import fingerprint_of
from ca.verification import VerifiedCertificate
from enrollment.est import paths
from enrollment.est.answers import (
    CERTS_ONLY,
    CSR_ATTRIBUTES,
    PKCS10,
    attributes_answer,
    certificates_answer,
    key_answer,
)
from enrollment.est.attributes import csr_attributes
from enrollment.est.credentials import SlipCredentials, read_credentials
from enrollment.est.encoding import read_body
from enrollment.est.requests import require_names_of, require_plain_key_request
from enrollment.services import EnrollmentServices
from foundation.audit import Actor
from foundation.errors import Denied, Invalid
from foundation.randomness import Randomness
from foundation.web.requests import actor_of


# Not a plain function: it would be run in a thread of its own.
async def _credentials(authorization: Annotated[str | None, Header()] = None) -> SlipCredentials:
    return read_credentials(authorization)


async def _octets(request: Request) -> bytes:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != PKCS10:
        # Browsers send no such type to another site without asking it first.
        raise Invalid("media-type-unsupported")
    return read_body(await request.body())


Credentials = Annotated[SlipCredentials, Depends(_credentials)]
Octets = Annotated[bytes, Depends(_octets)]


def est_router(services: EnrollmentServices, randomness: Randomness) -> APIRouter:
    """Return the routes under ``/.well-known/est/``.

    `simplereenroll` looks for the certificate that admission put on the
    request; where no listener asks for one, it refuses everybody.
    """
    router = APIRouter(tags=["EST"])

    @router.get(paths.CACERTS, response_class=Response, responses=_answers(CERTS_ONLY))
    def cacerts() -> Response:
        """Return root and issuing CAs (RFC 7030 section 4.1)."""
        return certificates_answer(services.chains.everything())

    @router.get(paths.CSRATTRS, response_class=Response, responses=_answers(CSR_ATTRIBUTES))
    def csrattrs() -> Response:
        """Return what a request should hold (RFC 7030 section 4.5)."""
        return attributes_answer(csr_attributes())

    @router.post(
        paths.SIMPLEENROLL,
        response_class=Response,
        responses=_answers(CERTS_ONLY),
        openapi_extra=_REQUEST,
    )
    def simpleenroll(request: Request, slip: Credentials, octets: Octets) -> Response:
        """Exchange a slip and a request for the certificate (RFC 7030 section 4.2.1)."""
        picked_up = services.pickup.redeem_csr(
            slip.unverified_serial_number,
            slip.unverified_download_password,
            octets,
            actor_of(request),
        )
        return certificates_answer([picked_up.certificate])

    @router.post(
        paths.SERVERKEYGEN,
        response_class=Response,
        responses=_answers("multipart/mixed"),
        openapi_extra=_REQUEST,
    )
    def serverkeygen(request: Request, slip: Credentials, octets: Octets) -> Response:
        """Exchange a slip for a certificate and its key (RFC 7030 section 4.4)."""
        require_plain_key_request(octets)
        picked_up = services.pickup.redeem_key(
            slip.unverified_serial_number, slip.unverified_download_password, actor_of(request)
        )
        return key_answer(picked_up.private_key, picked_up.certificate, randomness)

    @router.post(
        paths.SIMPLEREENROLL,
        response_class=Response,
        responses=_answers(CERTS_ONLY),
        openapi_extra=_REQUEST,
    )
    def simplereenroll(request: Request, octets: Octets) -> Response:
        """Renew the certificate of the connection (RFC 7030 section 4.2.2)."""
        present = getattr(request.state, "certificate", None)
        if not isinstance(present, VerifiedCertificate):
            raise Denied("certificate-required")
        anonymous = actor_of(request)
        by = Actor(present.subscriber, anonymous.address, anonymous.request_id)
        public_key = accept_csr(octets).public_key
        require_names_of(_present_certificate(request, present), octets)
        renewed = services.renewal.renewals.renew(present.serial_number, public_key, "est", by)
        return certificates_answer([renewed.certificate])

    return router


def _present_certificate(request: Request, present: VerifiedCertificate) -> x509.Certificate:
    leaf: bytes = request.scope["extensions"]["tls"]["certgate_unverified_chain"][0]
    if fingerprint_of(leaf) != present.fingerprint_sha256:
        raise Denied("certificate-required")
    return x509.load_der_x509_certificate(leaf)


def _answers(media_type: str) -> dict[int | str, dict[str, object]]:
    text: dict[str, object] = {"content": {"text/plain": {}}}
    return {
        200: {"content": {media_type: {}}},
        202: {"description": "Not ready yet: the same request after Retry-After", **text},
        400: {"description": "The request cannot be accepted", **text},
        401: {"description": "No slip, or none that this is good for", **text},
    }


_REQUEST = {
    "requestBody": {
        "required": True,
        "content": {PKCS10: {"schema": {"type": "string", "format": "byte"}}},
    }
}
