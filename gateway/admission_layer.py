"""The ASGI layer that admits requests to the portal, before any route is looked up.

Deny by default: a path is reached without a session only when it is named
here, and before the password reset only when it is named in the second list.
What a route may do with the principal is `policies.access`'s question.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import structlog
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ca.verification import VerifiedCertificate
from enrollment.est import paths as est_paths
from foundation.errors import Denied, Failure
from foundation.observing import NOBODY, Observer
from foundation.web.middleware.refusal import Refuse
from foundation.web.requests import actor_of
from gateway.admission import Admission, Admitted
from gateway.edge.tokens import paths as edge_paths
from gateway.openid import addresses as openid_paths
from gateway.refusals import RefusalRecord

SESSION_COOKIE = "__Host-certgate"

# Reached by anybody, with or without a certificate: no data, only looks.
_OPEN_PREFIXES = ("/static/",)
_OPEN = {"/healthz", "/readyz", "/favicon.ico", edge_paths.JWKS}
# EST proves a slip by itself, or the certificate alone (RFC 7030 section 3.3.2);
# a visit proves a ticket.
_OPEN_CALLS = est_paths.WITHOUT_CERTIFICATE
# Applications bring their own certificate and prove themselves to the endpoint.
_CERTIFICATE_ALONE = est_paths.WITH_CERTIFICATE_ALONE | openid_paths.WITH_CERTIFICATE_ALONE
_CERTIFICATE_ALONE |= {("GET", edge_paths.VISIT)}
# Reached with a good certificate and no session. Login is asked for by method:
# GET and DELETE of the session need one.
_BEFORE_LOGIN = {("GET", "/login"), ("HEAD", "/login"), ("POST", "/login")}
_BEFORE_LOGIN |= {("POST", "/api/v1/session")}
# These decide by themselves what to answer somebody who is not logged in.
_BEFORE_LOGIN |= openid_paths.WITH_OR_WITHOUT_SESSION | {("GET", edge_paths.RENEWAL)}
# Reached while the initial password is still in force (AMB-02).
_BEFORE_RESET = {
    ("GET", "/password"),
    ("HEAD", "/password"),
    ("POST", "/password"),
    ("PUT", "/api/v1/password"),
    ("POST", "/logout"),
    ("GET", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
} | _BEFORE_LOGIN

_LOG = structlog.get_logger(__name__)


class AdmissionLayer:
    """Fills ``request.state`` with `certificate`, `admitted` and `principal`, or refuses."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        admission: Admission,
        refuse: Refuse,
        refusals: RefusalRecord,
        observer: Observer = NOBODY,
        on_admitted: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_admitted` hears of every request that goes on to a route."""
        self._app = app
        self._admission = admission
        self._refuse = refuse
        self._refusals = refusals
        self._observer = observer
        self._on_admitted = on_admitted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or _is_open(scope["method"], scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        refusal = await to_thread.run_sync(self._admit, request)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _admit(self, request: Request) -> Response | None:
        """Fill the request's state and return None, or the answer that refuses it."""
        state = request.scope.setdefault("state", {})
        # Not request.url: that is put together with the Host header, which the
        # client writes, while routes are chosen by the scope's path.
        where = (request.method, request.scope["path"])
        chain = _unverified_chain(request.scope)
        try:
            with self._observer.act("admission"):
                self._decide(request, chain, where, state)
        except Failure as failure:
            digest = hashlib.sha256(chain[0]).hexdigest().upper() if chain else ""
            self._refusals.note_certificate(failure, digest, where[1], actor_of(request))
            state["refusal_noted"] = True
            return self._refuse(request, failure)
        except Exception as error:
            _LOG.exception("admission_failed")
            return self._refuse(request, error)
        self._on_admitted()
        return None

    def _decide(
        self,
        request: Request,
        chain: tuple[bytes, ...],
        where: tuple[str, str],
        state: dict[str, Any],
    ) -> None:
        state["certificate"] = certificate = self._admission.verify_certificate(chain)
        if where in _CERTIFICATE_ALONE:
            return
        admitted = self._find_admitted(request, certificate, where)
        if admitted is None:
            return
        state["admitted"] = admitted
        state["principal"] = admitted.principal
        if admitted.must_change_password and where not in _BEFORE_RESET:
            raise Denied("password-change-required")

    def _find_admitted(
        self, request: Request, certificate: VerifiedCertificate, where: tuple[str, str]
    ) -> Admitted | None:
        token = request.cookies.get(SESSION_COOKIE)
        try:
            return self._admission.admit(certificate, token)
        except Denied as denied:
            # The login page is for those who are not admitted, whatever the
            # stale cookie in their browser says.
            if where in _BEFORE_LOGIN and denied.code != "account-suspended":
                return None
            raise


def _is_open(method: str, path: str) -> bool:
    return path in _OPEN or path.startswith(_OPEN_PREFIXES) or (method, path) in _OPEN_CALLS


def _unverified_chain(scope: dict[str, Any] | Scope) -> tuple[bytes, ...]:
    tls = scope.get("extensions", {}).get("tls")
    return () if tls is None else tls["certgate_unverified_chain"]
