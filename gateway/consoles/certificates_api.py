"""Certificates as JSON for security officers (contract.md)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from foundation.web.requests import actor_of
from gateway.consoles.credential_acts import CredentialActs
from gateway.consoles.credential_search import Credential
from policies.principal import principal_of


class RevocationOrder(BaseModel):
    """Why a certificate is revoked: an RFC 5280 5.3.1 reason name."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=32)]


def certificates_api_router(acts: CredentialActs) -> APIRouter:
    """Return ``/api/v1/certificates``."""
    router = APIRouter(prefix="/api/v1/certificates", tags=["certificates"])

    @router.get("")
    def find(
        request: Request,
        q: Annotated[str, Query(max_length=200)] = "",
        after: Annotated[str | None, Query(max_length=64)] = None,
    ) -> dict[str, Any]:
        found = acts.find(principal_of(request), q, after)
        return {"items": [_document(item) for item in found.items], "next": found.next}

    @router.get("/{serial_number}")
    def show(request: Request, serial_number: str) -> dict[str, Any]:
        return _document(acts.get(principal_of(request), serial_number))

    @router.post("/{serial_number}/revoke")
    def revoke(request: Request, serial_number: str, order: RevocationOrder) -> dict[str, Any]:
        receipt = acts.revoke(principal_of(request), serial_number, order.reason, actor_of(request))
        return receipt.as_document()

    @router.post("/{serial_number}/hold")
    def hold(request: Request, serial_number: str) -> dict[str, Any]:
        return acts.hold(principal_of(request), serial_number, actor_of(request)).as_document()

    @router.post("/{serial_number}/release")
    def release(request: Request, serial_number: str) -> dict[str, Any]:
        return acts.release(principal_of(request), serial_number, actor_of(request)).as_document()

    return router


def _document(credential: Credential) -> dict[str, Any]:
    certificate = credential.certificate
    return {
        **certificate.as_document(),
        "username": certificate.subscriber,
        "display_name": credential.display_name,
    }
