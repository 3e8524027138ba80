"""What applications call: token, userinfo and, on the public door, metadata and keys."""

import re

from authlib.oauth2.rfc6749 import InvalidRequestError
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from foundation.errors import Denied
from gateway.openid.addresses import JWKS, METADATA, TOKEN, USERINFO
from gateway.openid.services import OpenIdServices
from gateway.openid.web.reading import FormPairs, presented_by, provider_request

# Applications keep both for a while; a new key is published long before its first use.
_PUBLISHED = {"cache-control": "public, max-age=300"}
# RFC 6750 section 2.1, b64token.
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]{1,512}=*)", re.IGNORECASE)


def published_router(services: OpenIdServices) -> APIRouter:
    """Return the routes that anybody may read."""
    router = APIRouter(include_in_schema=False)

    @router.get(METADATA)
    def metadata() -> Response:
        """Return the provider's metadata (OpenID Connect Discovery 1.0 section 4)."""
        return JSONResponse(services.addresses.metadata(), headers=_PUBLISHED)

    @router.get(JWKS)
    def jwks() -> Response:
        """Return the public keys (RFC 7517 section 5)."""
        return JSONResponse(services.signer.keys.published(), headers=_PUBLISHED)

    return router


def machine_router(services: OpenIdServices) -> APIRouter:
    """Return the routes that are the same on both doors.

    On the portal door admission has verified the caller's certificate; on the
    public door there is none, so that a token bound to one is worth nothing there.
    """
    router = APIRouter(include_in_schema=False)

    @router.post(TOKEN)
    def token(request: Request, pairs: FormPairs) -> Response:
        """Exchange a code for tokens (OpenID Connect Core section 3.1.3)."""
        asked = provider_request(
            request,
            services.addresses.issuer + TOKEN,
            pairs,
            presented=presented_by(request),
        )
        if asked.payload.repeated:
            error = InvalidRequestError("A parameter is repeated.")
            return services.server.handle_error_response(asked, error)
        answer: Response = services.server.create_token_response(asked)
        return answer

    @router.api_route(USERINFO, methods=["GET", "POST"])
    def userinfo(request: Request) -> Response:
        """Say who the token is about (section 5.3); the token stands in the header only."""
        given = request.headers.get("authorization")
        if given is None:
            # RFC 6750 section 3.1: who sent nothing is told nothing but the scheme.
            return Response(status_code=401, headers={"www-authenticate": "Bearer"})
        match = _BEARER.fullmatch(given)
        try:
            if match is None:
                raise Denied("openid-token-invalid")
            claims = services.user_info.describe(match[1], presented_by(request))
        except Denied as refused:
            return token_refused(refused)
        return JSONResponse(claims)

    return router


def token_refused(_: Denied) -> Response:
    """Return the one answer to every token that is worth nothing (RFC 6750 section 3.1)."""
    return JSONResponse(
        {"error": "invalid_token"},
        401,
        {"www-authenticate": 'Bearer error="invalid_token"'},
    )
