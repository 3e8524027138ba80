"""The JSON twin of the pickup page."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from enrollment.public.downloads import PKCS12, attachment
from enrollment.services import EnrollmentServices
from foundation.web.requests import actor_of


class PickupRequest(BaseModel):
    """What the slip says, typed in or scanned."""

    serial_number: str = Field(max_length=200)
    download_password: str = Field(max_length=200)
    format: Literal["modern", "compatible"] = "modern"


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

    return router
