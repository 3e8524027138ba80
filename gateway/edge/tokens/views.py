"""New tokens for those who are logged in, here and at the other hosts of the edge."""

from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from foundation.database import Database
from foundation.errors import Denied
from foundation.web.requests import host_name_of, wants_json
from gateway.admission import Admitted
from gateway.admission.requests import certificate_of
from gateway.edge.tokens.cookies import put_on
from gateway.edge.tokens.paths import JWKS, RENEWAL, VISIT
from gateway.edge.tokens.service import EdgeTokens
from gateway.login import continuation
from gateway.signing_keys import KeyPurpose, SigningKeys

# Well within the time for which a new key is announced before it signs.
_JWKS_HEADERS = {"cache-control": "public, max-age=600", "access-control-allow-origin": "*"}


def edge_tokens_router(tokens: EdgeTokens) -> APIRouter:
    """Return what an edge sends people to when their token is over."""
    router = APIRouter(include_in_schema=False)

    @router.get(RENEWAL)
    def renew(request: Request) -> Response:
        """Mint anew and send back where somebody came from; a program gets the cookies alone."""
        target = tokens.targets.find(request.query_params.get("return"))
        spelled = None if target is None else tokens.targets.spelled(target)
        admitted = getattr(request.state, "admitted", None)
        if not isinstance(admitted, Admitted):
            if wants_json(request):
                raise Denied("login-required")
            return _first("/login", spelled)
        if admitted.must_change_password:
            if wants_json(request):
                raise Denied("password-change-required")
            return _first("/password", spelled)
        if target is not None and target.host is not None:
            return RedirectResponse(tokens.send_to(admitted, target), 303)
        minted = tokens.renew(admitted, host_name_of(request))
        answer = (
            Response(status_code=204)
            if wants_json(request)
            else RedirectResponse("/" if target is None else tokens.targets.url_of(target), 303)
        )
        put_on(answer, minted)
        return answer

    @router.get(VISIT)
    def visit(request: Request) -> Response:
        """Give the tokens of this host for a ticket; reached with a certificate alone."""
        arrived = tokens.arrive(
            request.query_params.get("ticket", ""),
            host_name_of(request),
            certificate_of(request),
        )
        answer = RedirectResponse(arrived.url, 303)
        put_on(answer, arrived.minted)
        return answer

    return router


def _first(path: str, spelled: str | None) -> Response:
    """Send to what comes before the tokens; from there the way leads back here."""
    answer = RedirectResponse(path, 303)
    if spelled is not None:
        continuation.remember(answer, f"{RENEWAL}?return={quote(spelled, safe='')}")
    return answer


def jwks_router(database: Database, keys: SigningKeys, assertions: KeyPurpose) -> APIRouter:
    """Return the public keys by which applications verify assertions (RFC 7517)."""
    router = APIRouter(include_in_schema=False)

    @router.get(JWKS)
    def jwks() -> Response:
        with database.reading() as session:
            document = keys.jwks(session, assertions)
        return JSONResponse(document, headers=_JWKS_HEADERS, media_type="application/jwk-set+json")

    return router
