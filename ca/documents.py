"""Signed documents over plain HTTP, with what caches need (RFC 9110, RFC 9111)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse


@dataclass(frozen=True)
class Document:
    """Octets that never change under their SHA-256, which is their entity tag.

    `content` is asked for only when it is sent; it yields exactly `octets` octets.
    """

    sha256: str
    octets: int
    media_type: str
    headers: dict[str, str] = field(default_factory=dict)


def answer(request: Request, document: Document, content: Iterable[bytes]) -> Response:
    """Return the document, or 304 to whoever has it.

    If-Modified-Since is not asked (RFC 9110 section 13.1.3 lets a server that
    has entity tags ignore it): two CRLs may be made in one second.
    """
    etag = f'"{document.sha256.lower()}"'
    headers = {**document.headers, "ETag": etag}
    if _is_known(request.headers.getlist("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(document.octets)
    return StreamingResponse(content, media_type=document.media_type, headers=headers)


def _is_known(if_none_match: list[str], etag: str) -> bool:
    """Compare weakly, as a GET does (RFC 9110 section 13.1.2)."""
    given = [tag.strip() for field in if_none_match for tag in field.split(",")]
    return "*" in given or any(tag.removeprefix("W/") == etag for tag in given)
