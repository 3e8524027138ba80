"""The JSON twin of the pickup page."""

from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from ca.serial_numbers import serial_number_of
from enrollment.pickup.picked_up import PickedUpCertificate
from enrollment.public.downloads import PKCS12, attachment
from enrollment.services import EnrollmentServices
from enrollment.slips.issued_slip import rfc3339
from foundation.web.requests import actor_of


class SlipPair(BaseModel):
    """What the slip says, typed in or scanned."""

    serial_number: str = Field(max_length=200)
    download_password: str = Field(max_length=200)


class PickupRequest(SlipPair):
    """A pair, and which form of file is wanted."""

    format: Literal["modern", "compatible"] = "modern"


class OwnKeyPickup(SlipPair):
    """A pair, and a PKCS#10 request (RFC 2986) in PEM or base64 of DER."""

    csr: str = Field(max_length=17_000)


class PickedUpDocument(BaseModel):
    """A certificate for a key of the subscriber's own; PEM, the end entity first."""

    serial_number: str
    not_after: str
    certificate: str
    chain: list[str]


def public_api_router(services: EnrollmentServices) -> APIRouter:
    """Return the JSON calls of the public listener."""
    router = APIRouter(prefix="/api/v1", tags=["pickup"])

    @router.post("/pickup", response_class=Response, responses={200: {"content": {PKCS12: {}}}})
    def pickup(request: Request, wanted: PickupRequest) -> Response:
        """Exchange serial number and download password for the PKCS#12 (RFC 7292)."""
        picked_up = services.pickup.redeem(
            wanted.serial_number, wanted.download_password, wanted.format, actor_of(request)
        )
        return attachment(picked_up.pkcs12, PKCS12, file_name=picked_up.file_name)

    @router.post("/pickup/csr")
    def pickup_own_key(request: Request, wanted: OwnKeyPickup) -> PickedUpDocument:
        """Exchange serial number, download password and a request for the certificate.

        Only the key is taken from the request. The same pair with the same key
        yields the same certificate; with another key it is a 409.
        """
        picked_up = services.pickup.redeem_csr(
            wanted.serial_number,
            wanted.download_password,
            wanted.csr.encode(errors="replace"),
            actor_of(request),
        )
        return _document(picked_up)

    return router


def _document(picked_up: PickedUpCertificate) -> PickedUpDocument:
    certificate = picked_up.certificate
    return PickedUpDocument(
        serial_number=serial_number_of(certificate.serial_number),
        not_after=rfc3339(certificate.not_valid_after_utc),
        certificate=_pem(certificate),
        chain=[_pem(each) for each in picked_up.chain],
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
