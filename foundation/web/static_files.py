"""Style sheet, script and pictures, served from memory under ``/static``.

Everything is read once at start, so a path in a request is a key of a
dictionary and never reaches the file system. Pages ask for ``name?v=<hash>``:
that answer may be kept for ever, because other content has another hash.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"

_SERVED = {".css", ".js", ".svg", ".png", ".ico"}


@dataclass(frozen=True)
class Asset:
    """One file: its content plain and compressed, and a name for that content."""

    content: bytes
    compressed: bytes
    media_type: str
    digest: str


class StaticFiles:
    """The assets of the house by name."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._assets = {
            path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.suffix in _SERVED
        }

    def url(self, name: str) -> str:
        """Return the URL of asset `name`; raises KeyError when there is none."""
        return f"/static/{name}?v={self._assets[name].digest}"

    def routes(self) -> list[Route]:
        """Return the routes to put into an application."""
        return [
            Route("/static/{name:path}", self._serve, methods=["GET"], include_in_schema=False),
            Route("/favicon.ico", self._favicon, methods=["GET"], include_in_schema=False),
        ]

    async def _serve(self, request: Request) -> Response:
        return self._answer(request, request.path_params["name"])

    async def _favicon(self, request: Request) -> Response:
        return self._answer(request, "favicon.svg")

    def _answer(self, request: Request, name: str) -> Response:
        asset = self._assets.get(name)
        if asset is None:
            raise HTTPException(404)
        etag = f'"{asset.digest}"'
        current = request.query_params.get("v") == asset.digest
        headers = {
            "cache-control": FOR_EVER if current else ASK_AGAIN,
            "etag": etag,
            "vary": "accept-encoding",
        }
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return Response(asset.compressed, media_type=asset.media_type, headers=headers)
        return Response(asset.content, media_type=asset.media_type, headers=headers)


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    return Asset(
        content,
        gzip.compress(content, mtime=0),
        mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        hashlib.sha256(content).hexdigest()[:16],
    )
