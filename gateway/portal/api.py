"""The session and the password as JSON (contract.md, portal listener)."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from foundation.web.requests import actor_of
from gateway.admission import SESSION_COOKIE
from gateway.admission.requests import admitted_of, certificate_of
from gateway.portal.services import PortalServices
from policies.principal import Principal


class Credentials(BaseModel):
    """What a subscriber knows; what it has is the certificate of the connection."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    username: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=512)]


class NewPassword(BaseModel):
    """The present password and the one to take its place."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    old_password: Annotated[str, Field(max_length=512)]
    new_password: Annotated[str, Field(max_length=512)]


class SessionDocument(BaseModel):
    """Who is logged in, and until when at the latest."""

    username: str
    kind: str
    roles: list[str]
    unit_class: str | None
    must_change_password: bool
    expires_at: str


def portal_api_router(services: PortalServices) -> APIRouter:
    """Return ``/api/v1/session`` and ``/api/v1/password``."""
    router = APIRouter(prefix="/api/v1", tags=["session"])

    @router.post("/session", status_code=201)
    def log_in(request: Request, answer: Response, credentials: Credentials) -> SessionDocument:
        logged_in = services.login.log_in(
            certificate_of(request),
            credentials.username,
            credentials.password,
            actor_of(request),
            unverified_earlier_token=request.cookies.get(SESSION_COOKIE),
        )
        services.cookies.hand_out(request, answer, logged_in)
        return _document(
            logged_in.principal, logged_in.must_change_password, logged_in.session.expires_at
        )

    # Asks nothing that could wait, so it needs no thread.
    @router.get("/session")
    async def show(request: Request) -> SessionDocument:
        admitted = admitted_of(request)
        return _document(
            admitted.principal, admitted.must_change_password, admitted.session.expires_at
        )

    @router.delete("/session", status_code=204)
    def log_out(request: Request) -> Response:
        services.logout.log_out(admitted_of(request), actor_of(request))
        answer = Response(status_code=204)
        services.cookies.take_back(answer)
        return answer

    @router.put("/password", status_code=204)
    def change_password(request: Request, change: NewPassword) -> Response:
        logged_in = services.password_reset.change(
            admitted_of(request), change.old_password, change.new_password, actor_of(request)
        )
        answer = Response(status_code=204)
        services.cookies.hand_out(request, answer, logged_in)
        return answer

    return router


def _document(principal: Principal, must_change: bool, expires_at: datetime) -> SessionDocument:
    return SessionDocument(
        username=principal.username,
        kind=principal.kind,
        roles=sorted(principal.roles),
        unit_class=principal.unit_class,
        must_change_password=must_change,
        expires_at=expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
