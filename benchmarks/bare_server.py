"""Baseline: FastAPI routes that answer the same octets and do nothing, behind the same TLS.

Run as a process of its own: ``python -m benchmarks.bare_server PLAN``, where
PLAN is a file with the JSON form of `Plan`.
"""

import json
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, cast

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fastapi import FastAPI, Request, Response

from ca.key_types import EndEntityPrivateKey
from gateway.listeners.connections import OpenConnections
from gateway.listeners.draining import Drain
from gateway.listeners.servers import Door, serve
from gateway.listeners.tls_context import TlsContext

Tls = Literal["ours", "standard"]

_READY = "bare: ready"
_ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class Plan:
    """What to serve: `answers` maps a path to the file with its octets."""

    port: int
    tls: Tls
    credential: str
    client_authority: str
    asks_for_certificate: bool
    answers: dict[str, str]


def bare_application(answers: dict[str, bytes]) -> FastAPI:
    """Return routes for GET and POST that read the body and answer with `answers`."""
    app = FastAPI(openapi_url=None)
    for path, body in answers.items():
        app.add_api_route(path, _answer_with(body), methods=["GET", "POST"], response_model=None)
    return app


@contextmanager
def running_bare_server(plan: Plan, file: Path) -> Iterator[int]:
    """Serve `plan`, kept in `file`, while the block runs; yield the number of the process."""
    file.write_text(json.dumps(asdict(plan)))
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.bare_server", str(file)],
        cwd=Path(__file__).resolve().parents[1],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        if process.stdout.readline().strip() != _READY:
            raise RuntimeError("the bare server did not start")
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def main() -> None:
    """Serve the plan named on the command line until SIGTERM."""
    plan = Plan(**json.loads(Path(sys.argv[1]).read_text()))
    app = bare_application({path: Path(f).read_bytes() for path, f in plan.answers.items()})
    if plan.tls == "ours":
        door = Door("bare", app, _ADDRESS, plan.port, _our_tls(plan), OpenConnections())
        serve([door], [], _tell_ready, Drain())
    else:
        _serve_with_standard_tls(app, plan)


def _answer_with(body: bytes) -> Callable[[Request], object]:
    async def answer(request: Request) -> Response:
        await request.body()
        return Response(body, media_type="application/octet-stream")

    return answer


def _our_tls(plan: Plan) -> TlsContext:
    pem = Path(plan.credential).read_bytes()
    asked = x509.load_pem_x509_certificates(Path(plan.client_authority).read_bytes())
    return TlsContext(
        x509.load_pem_x509_certificates(pem),
        cast(EndEntityPrivateKey, load_pem_private_key(pem, None)),
        ask_for_certificate_of=asked[:1] if plan.asks_for_certificate else [],
    )


def _serve_with_standard_tls(app: FastAPI, plan: Plan) -> None:
    class Server(uvicorn.Server):
        async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
            await super().startup()
            _tell_ready()

    config = uvicorn.Config(
        app,
        host=_ADDRESS,
        port=plan.port,
        loop="asyncio",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        ssl_certfile=plan.credential,
        ssl_ca_certs=plan.client_authority,
        ssl_cert_reqs=ssl.CERT_REQUIRED if plan.asks_for_certificate else ssl.CERT_NONE,
    )
    Server(config).run()


def _tell_ready() -> None:
    print(_READY, flush=True)


if __name__ == "__main__":
    main()
