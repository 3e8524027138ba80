"""Failures at the endpoints of applications, in the form that OAuth prescribes."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from foundation.errors import Denied, Failure, Unavailable
from foundation.i18n import Translator
from foundation.web.statuses import status_of
from gateway.openid.addresses import TOKEN, USERINFO
from gateway.openid.web.machine_routes import token_refused


def openid_failure(request: Request, failure: Failure, _: Translator) -> Response | None:
    """Return the answer of the token or userinfo endpoint, None for any other path.

    RFC 6749 section 5.2, RFC 6750 section 3.1. Nothing of the failure is told
    but its kind.
    """
    path = request.scope["path"]
    if path not in {TOKEN, USERINFO}:
        return None
    if path == USERINFO and isinstance(failure, Denied):
        return token_refused(failure)
    if isinstance(failure, Denied):
        return JSONResponse({"error": "invalid_client"}, 400)
    status = status_of(failure)
    if isinstance(failure, Unavailable):
        error = "temporarily_unavailable"
    else:
        error = "server_error" if status >= 500 else "invalid_request"
    return JSONResponse({"error": error}, status)
