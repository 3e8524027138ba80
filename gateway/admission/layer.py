"""The ASGI layer that admits requests to the portal, before any route is looked up."""

import hashlib
from collections.abc import Callable

import structlog
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from foundation.errors import Failure
from foundation.observing import NOBODY, Observer
from foundation.web.middleware.refusal import Refuse
from foundation.web.requests import actor_of
from gateway.admission.admission import Admission
from gateway.admission.reach import Reach, reach_of
from gateway.admission.refusals import RefusalRecord

SESSION_COOKIE = "__Host-certgate"

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
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Not request.url: that is put together with the Host header, which the
        # client writes, while routes are chosen by the scope's path.
        reach = reach_of(scope["method"], scope["path"])
        if reach is not Reach.ANYBODY:
            refusal = await to_thread.run_sync(self._admit, Request(scope), reach)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _admit(self, request: Request, reach: Reach) -> Response | None:
        """Fill the request's state and return None, or the answer that refuses it."""
        chain = _unverified_chain(request.scope)
        try:
            with self._observer.act("admission"):
                self._decide(request, chain, reach)
        except Failure as failure:
            digest = hashlib.sha256(chain[0]).hexdigest().upper() if chain else ""
            path = request.scope["path"]
            self._refusals.note_certificate(failure, digest, path, actor_of(request))
            request.state.refusal_noted = True
            return self._refuse(request, failure)
        except Exception as error:
            _LOG.exception("admission_failed")
            return self._refuse(request, error)
        self._on_admitted()
        return None

    def _decide(self, request: Request, chain: tuple[bytes, ...], reach: Reach) -> None:
        examined = self._admission.examine(chain, request.cookies.get(SESSION_COOKIE))
        request.state.certificate = examined.certificate
        admitted = self._admission.admit(examined, reach)
        if admitted is None:
            return
        request.state.admitted = admitted
        request.state.principal = admitted.principal
        self._admission.require_own_password(admitted, reach)


def _unverified_chain(scope: Scope) -> tuple[bytes, ...]:
    tls = scope.get("extensions", {}).get("tls")
    return () if tls is None else tls["certgate_unverified_chain"]
