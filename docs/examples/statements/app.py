"""A sample application behind the edge: it shows who is calling.

Started by uvicorn, for example:

    STATEMENTS_PORTAL=https://portal.example.org:9443 STATEMENTS_HOST=portal.example.org \
    STATEMENTS_CA=root.pem uvicorn --app-dir docs/examples --factory statements.app:from_environment
"""

import hashlib
import html
import os
import ssl
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import HTMLResponse
from joserfc.errors import JoseError

from statements.caller import Callers


def make_app(callers: Callers) -> FastAPI:
    """Return the application."""
    app = FastAPI(title="Statements")

    def caller(request: Request) -> dict[str, object]:
        try:
            return callers.verify(request.headers.get("x-certgate-assertion", ""))
        except (JoseError, ValueError) as refused:
            raise HTTPException(401, "no assertion that verifies") from refused
        except httpx.HTTPError as away:
            raise HTTPException(503, "the portal does not answer", {"Retry-After": "5"}) from away

    Caller = Annotated[dict[str, object], Depends(caller)]  # noqa: N806

    @app.get("/healthz")
    def alive() -> str:
        return "ok"

    @app.get("/", response_class=HTMLResponse)
    def page(who: Caller) -> str:
        return f"<!doctype html><title>Statements</title><p>{html.escape(str(who['sub']))}</p>"

    @app.get("/whoami")
    def whoami(who: Caller) -> dict[str, object]:
        return who

    @app.post("/upload")
    async def upload(request: Request, who: Caller) -> dict[str, object]:
        digest, octets = hashlib.sha256(), 0
        async for piece in request.stream():
            digest.update(piece)
            octets += len(piece)
        return {"by": who["sub"], "octets": octets, "sha256": digest.hexdigest()}

    @app.websocket("/echo")
    async def echo(websocket: WebSocket) -> None:
        try:
            who = callers.verify(websocket.headers.get("x-certgate-assertion", ""))
        except (JoseError, ValueError):
            await websocket.close(1008)
            return
        except httpx.HTTPError:
            await websocket.close(1013)  # try again later
            return
        await websocket.accept()
        async for said in websocket.iter_text():
            await websocket.send_text(f"{who['sub']}: {said}")

    return app


def from_environment() -> FastAPI:
    """Return the application as the environment describes it."""
    portal = os.environ["STATEMENTS_PORTAL"]
    trusted = ssl.create_default_context(cafile=os.environ["STATEMENTS_CA"])
    client = httpx.Client(base_url=portal, verify=trusted, timeout=5)
    return make_app(Callers(client, portal, os.environ["STATEMENTS_HOST"]))
