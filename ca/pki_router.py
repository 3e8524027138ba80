"""The PKI listener: what certificates point at (RFC 5280 sections 4.2.1.13, 4.2.2.1).

Plain HTTP, no login, no cookies; everything served here carries its own
signature. Serving a CRL reads the stored one and never builds.
"""

import hashlib
import re

from fastapi import APIRouter
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ca.crl.scopes import DELTA, FULL
from ca.crl.serving import serve_crl
from ca.documents import Document, answer
from ca.models import AuthorityRecord
from ca.ocsp import OcspResponder, ocsp_router
from foundation.database import Database
from foundation.errors import NotFound

# RFC 2585 section 4.
CERTIFICATE_MEDIA_TYPE = "application/pkix-cert"

_ONE_DAY = "public, max-age=86400"
_NEVER = "no-store"

_AUTHORITY = re.compile(r"[a-z][a-z0-9-]{0,15}")
_SHARD = re.compile(r"0|[1-9][0-9]{0,3}")
_DELTA_ENDING = "-delta"


def pki_router(*, database: Database, responder: OcspResponder) -> APIRouter:
    """Return the routes of the PKI listener."""
    router = APIRouter(tags=["pki"])

    def authority(request: Request, unverified_name: str) -> Response:
        der = _certificate_of(database, unverified_name)
        sha256 = hashlib.sha256(der).hexdigest()
        headers = {"Cache-Control": _ONE_DAY}
        return answer(
            request, Document(sha256, len(der), CERTIFICATE_MEDIA_TYPE, headers), iter((der,))
        )

    def crl(request: Request, unverified_name: str) -> Response:
        is_delta = unverified_name.endswith(_DELTA_ENDING)
        issuer = _read(_AUTHORITY, unverified_name.removesuffix(_DELTA_ENDING), "crl-not-found")
        return serve_crl(database, request, issuer, DELTA if is_delta else FULL)

    def shard_crl(request: Request, unverified_name: str, unverified_shard: str) -> Response:
        issuer = _read(_AUTHORITY, unverified_name, "crl-not-found")
        shard = _read(_SHARD, unverified_shard, "crl-not-found")
        return serve_crl(database, request, issuer, shard)

    def healthz() -> Response:
        return JSONResponse({"status": "ok"}, headers={"Cache-Control": _NEVER})

    for path, endpoint, name in (
        ("/ca/{unverified_name}.cer", authority, "authority"),
        ("/crl/{unverified_name}.crl", crl, "crl"),
        ("/crl/{unverified_name}/{unverified_shard}.crl", shard_crl, "crl.shard"),
        ("/healthz", healthz, "healthz"),
    ):
        router.add_api_route(path, endpoint, methods=["GET"], name=name)
    router.include_router(ocsp_router(responder))
    return router


def _certificate_of(database: Database, unverified_name: str) -> bytes:
    """Return the certificate of root or of an issuing CA, retired ones too."""
    name = _read(_AUTHORITY, unverified_name, "authority-not-found")
    query = select(AuthorityRecord.certificate).where(AuthorityRecord.name == name)
    with database.reading() as session:
        der = session.scalar(query)
    if der is None:
        raise NotFound("authority-not-found")
    return der


def _read(form: re.Pattern[str], unverified: str, code: str) -> str:
    if not form.fullmatch(unverified):
        raise NotFound(code)
    return unverified
