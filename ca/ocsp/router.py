"""OCSP over HTTP (RFC 6960 appendix A, RFC 5019 section 5)."""

from collections.abc import AsyncIterator

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from ca.ocsp.request import LONGEST_REQUEST
from ca.ocsp.responder import OcspResponder
from ca.ocsp.transport import decode_path

# RFC 6960 appendix C.
OCSP_MEDIA_TYPE = "application/ocsp-response"

# An answer that said "good" a moment ago must not be heard again.
_NEVER = "no-store"


def ocsp_router(responder: OcspResponder) -> APIRouter:
    """Return the routes that OCSP clients use."""
    router = APIRouter(tags=["pki"])

    def ocsp_get(unverified_path: str) -> Response:
        return _answer(responder.respond(decode_path(unverified_path)))

    async def ocsp_post(request: Request) -> Response:
        unverified_body = await _read_start(request.stream(), LONGEST_REQUEST + 1)
        return _answer(await run_in_threadpool(responder.respond, unverified_body))

    router.add_api_route("/ocsp", ocsp_post, methods=["POST"], name="ocsp")
    router.add_api_route("/ocsp/{unverified_path:path}", ocsp_get, methods=["GET"], name="ocsp.get")
    return router


def _answer(response: bytes) -> Response:
    """RFC 6960 appendix A: always 200; what went wrong stands inside."""
    return Response(response, media_type=OCSP_MEDIA_TYPE, headers={"Cache-Control": _NEVER})


async def _read_start(stream: AsyncIterator[bytes], octets: int) -> bytes:
    """Return at most the first `octets`; one more than allowed is refused as malformed."""
    body = b""
    async for chunk in stream:
        body += chunk[: octets - len(body)]
        if len(body) >= octets:
            break
    return body
