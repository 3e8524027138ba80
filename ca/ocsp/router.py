"""OCSP over HTTP (RFC 6960 appendix A, RFC 5019 section 5).

Requests in their usual form do not come here: `gateway.listeners.ocsp`
answers them before there is any routing. These routes have the rest (bodies in
chunks, "Expect", cross-origin askers) and say the same.
"""

from collections.abc import AsyncIterator

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from ca.ocsp.answers import Answer
from ca.ocsp.http_headers import OCSP_MEDIA_TYPE, get_headers, is_known_to_asker, post_headers
from ca.ocsp.request import LONGEST_REQUEST
from ca.ocsp.responder import OcspResponder
from ca.ocsp.transport import decode_path

# A flood of questions must not take the threads that logins need.
_MOST_AT_ONCE = 4


def ocsp_router(responder: OcspResponder) -> APIRouter:
    """Return the routes that OCSP clients use."""
    router = APIRouter(tags=["pki"])
    threads = CapacityLimiter(_MOST_AT_ONCE)

    async def answer(unverified_request: bytes) -> Answer:
        return await to_thread.run_sync(responder.answer, unverified_request, limiter=threads)

    async def ocsp_get(request: Request, unverified_path: str) -> Response:
        found = await answer(decode_path(unverified_path))
        headers = dict(get_headers(found))
        if is_known_to_asker(found, request.headers.get("if-none-match")):
            return Response(status_code=304, headers=headers)
        return Response(found.der, media_type=OCSP_MEDIA_TYPE, headers=headers)

    async def ocsp_post(request: Request) -> Response:
        unverified_body = await _read_start(request.stream(), LONGEST_REQUEST + 1)
        found = await answer(unverified_body)
        return Response(found.der, media_type=OCSP_MEDIA_TYPE, headers=dict(post_headers()))

    router.add_api_route("/ocsp", ocsp_post, methods=["POST"], name="ocsp")
    router.add_api_route("/ocsp/{unverified_path:path}", ocsp_get, methods=["GET"], name="ocsp.get")
    return router


async def _read_start(stream: AsyncIterator[bytes], octets: int) -> bytes:
    """Return at most the first `octets`; one more than allowed is refused as malformed."""
    body = b""
    async for chunk in stream:
        body += chunk[: octets - len(body)]
        if len(body) >= octets:
            break
    return body
