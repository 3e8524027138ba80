"""The applications as JSON, for administrators: list, read, register, change keys, remove."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from foundation.database import Database
from foundation.web.requests import actor_of
from gateway.openid.registration import RegistrationForm, RelyingParties, read_registration
from policies.access import AccessPolicy, Resource
from policies.principal import principal_of

Text = Annotated[str, Field(max_length=512)]
Texts = Annotated[list[Text], Field(max_length=32)]


class Keys(BaseModel):
    """A JSON Web Key Set of public keys (RFC 7517 section 5)."""

    model_config = ConfigDict(extra="forbid")

    keys: Annotated[list[dict[str, Any]], Field(max_length=8)]

    def documents(self) -> list[bytes]:
        """Return the set in the form that registration reads."""
        return [json.dumps({"keys": self.keys}).encode()]


class Registration(BaseModel):
    """What is registered; either `jwks` or one of `tls_client_auth`."""

    model_config = ConfigDict(extra="forbid")

    client_id: Text
    name: Text = ""
    redirect_uris: Texts
    post_logout_redirect_uris: Texts = []
    logout_url: Text | None = None
    jwks: Keys | None = None
    tls_client_auth: Annotated[dict[str, Text], Field(max_length=4)] = {}
    id_token_signed_response_alg: Text = "ES256"  # noqa: S105 - an algorithm
    everybody: bool = False
    kinds: Texts = []
    roles: Texts = []
    unit_classes: Texts = []


def applications_api_router(
    database: Database, parties: RelyingParties, access: AccessPolicy
) -> APIRouter:
    """Return the routes under ``/api/v1/applications``."""
    router = APIRouter(prefix="/api/v1/applications", tags=["applications"])

    @router.get("")
    def list_all(request: Request) -> dict[str, list[dict[str, object]]]:
        """Return every application; there are few."""
        access.require(principal_of(request), "list_applications")
        with database.reading() as session:
            return {"items": [each.as_document() for each in parties.all(session)]}

    @router.get("/{client_id}")
    def show(request: Request, client_id: str) -> dict[str, object]:
        """Return one application."""
        access.require(principal_of(request), "list_applications")
        with database.reading() as session:
            return parties.get(session, client_id).as_document()

    @router.post("", status_code=201)
    def register(request: Request, body: Registration) -> dict[str, object]:
        """Register an application."""
        _require_manager(request, "new")
        application = read_registration(
            RegistrationForm(
                client_id=body.client_id,
                name=body.name,
                redirect_uris=body.redirect_uris,
                post_logout_redirect_uris=body.post_logout_redirect_uris,
                logout_url=body.logout_url,
                key_documents=body.jwks.documents() if body.jwks else [],
                tls_names=list(body.tls_client_auth.items()),
                signature_algorithm=body.id_token_signed_response_alg,
                everybody=body.everybody,
                kinds=body.kinds,
                roles=body.roles,
                unit_classes=body.unit_classes,
            )
        )
        with database.writing() as session:
            return parties.register(session, application, actor_of(request)).as_document()

    @router.put("/{client_id}/keys")
    def rotate(request: Request, client_id: str, body: Keys) -> dict[str, object]:
        """Let only these keys count from now on."""
        _require_manager(request, client_id)
        with database.writing() as session:
            changed = parties.rotate(session, client_id, body.documents(), actor_of(request))
        return changed.as_document()

    @router.delete("/{client_id}", status_code=204)
    def remove(request: Request, client_id: str) -> Response:
        """Forget an application; its tokens end with it."""
        _require_manager(request, client_id)
        with database.writing() as session:
            parties.remove(session, client_id, actor_of(request))
        return Response(status_code=204)

    def _require_manager(request: Request, client_id: str) -> None:
        resource = Resource("Application", client_id[:64])
        access.require(principal_of(request), "manage_applications", resource)

    return router
