"""The PKI listener: what certificates point at (RFC 5280 sections 4.2.1.13, 4.2.2.1).

Plain HTTP, no login, no cookies; everything served here carries its own
signature. Serving a CRL reads the stored one and never builds.
"""

import hashlib
from email.utils import format_datetime
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ca.authority import Authority, RootWithoutKey
from ca.crl import find_crl
from ca.models import AuthorityName, CrlRecord
from ca.ocsp import OcspResponder, ocsp_router
from foundation.database import Database
from foundation.errors import NotFound

# RFC 2585 section 4.
CERTIFICATE_MEDIA_TYPE = "application/pkix-cert"
CRL_MEDIA_TYPE = "application/pkix-crl"

_READ = ["GET", "HEAD"]
_ONE_DAY = "public, max-age=86400"
# A cache may keep a CRL but asks each time whether it is still the newest: a
# revocation is true in the second in which it is made.
_ASK_AGAIN = "public, max-age=0, must-revalidate"
_NEVER = "no-store"


class PkiAuthorities(Protocol):
    """Whose certificates are served."""

    @property
    def root(self) -> Authority | RootWithoutKey:
        """Return the root."""
        ...

    @property
    def issuing(self) -> Authority:
        """Return the issuing CA."""
        ...


def pki_router(
    *, database: Database, hierarchy: PkiAuthorities, responder: OcspResponder
) -> APIRouter:
    """Return the routes of the PKI listener."""
    router = APIRouter(tags=["pki"])

    def root_certificate(request: Request) -> Response:
        return _certificate(request, hierarchy.root.certificate)

    def issuing_certificate(request: Request) -> Response:
        return _certificate(request, hierarchy.issuing.certificate)

    def root_crl(request: Request) -> Response:
        return _crl(request, _stored_crl(database, "root"))

    def issuing_crl(request: Request) -> Response:
        return _crl(request, _stored_crl(database, "issuing"))

    def healthz() -> Response:
        return JSONResponse({"status": "ok"}, headers={"Cache-Control": _NEVER})

    router.add_api_route("/ca/root.cer", root_certificate, methods=_READ, name="root.cer")
    router.add_api_route("/ca/issuing.cer", issuing_certificate, methods=_READ, name="issuing.cer")
    router.add_api_route("/crl/root.crl", root_crl, methods=_READ, name="root.crl")
    router.add_api_route("/crl/issuing.crl", issuing_crl, methods=_READ, name="issuing.crl")
    router.include_router(ocsp_router(responder))
    router.add_api_route("/healthz", healthz, methods=_READ, name="healthz")
    return router


def _stored_crl(database: Database, issuer: AuthorityName) -> CrlRecord:
    with database.reading() as session:
        record = find_crl(session, issuer)
    if record is None:
        raise NotFound("crl-not-found")
    return record


def _certificate(request: Request, certificate: x509.Certificate) -> Response:
    der = certificate.public_bytes(Encoding.DER)
    return _document(request, der, CERTIFICATE_MEDIA_TYPE, {"Cache-Control": _ONE_DAY})


def _crl(request: Request, record: CrlRecord) -> Response:
    headers = {
        "Cache-Control": _ASK_AGAIN,
        "Last-Modified": format_datetime(record.this_update, usegmt=True),
        "Expires": format_datetime(record.next_update, usegmt=True),
    }
    return _document(request, record.der, CRL_MEDIA_TYPE, headers)


def _document(request: Request, der: bytes, media_type: str, headers: dict[str, str]) -> Response:
    """Return the octets, or 304 to whoever has them (RFC 9110 section 13.1.2).

    If-Modified-Since is not asked: two CRLs may be made in one second.
    """
    etag = f'"{hashlib.sha256(der).hexdigest()}"'
    headers = {**headers, "ETag": etag}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(der, media_type=media_type, headers=headers)
