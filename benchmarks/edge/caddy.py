"""Caddy, a proxy in Go: it asks for a certificate of ours and nothing else, neither CRL nor token.

oauth2-proxy would be nearer; its module could not be had and verified.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.client import HOST
from benchmarks.edge.ground import GATEWAY_CPU, Gateway, Ground, on_cpu
from benchmarks.peers.installing import caddy_program
from benchmarks.peers.serving import free_port, running

NAME = "Caddy mTLS proxy, no authorization"


@contextmanager
def running_caddy(ground: Ground, cookie: str) -> Iterator[Gateway]:
    """Run it; raises `PeerMissing`."""
    program = caddy_program()
    folder, port = ground.place("caddy"), free_port()
    authorities = {"provider": "file", "pem_files": [str(ground.authorities)]}
    upstreams = [{"dial": f"127.0.0.1:{ground.upstream_port}"}]
    server = {
        "listen": [f"127.0.0.1:{port}"],
        "logs": {},
        "routes": [
            {"handle": [{"handler": "reverse_proxy", "upstreams": upstreams}]},
        ],
        "tls_connection_policies": [
            {"client_authentication": {"mode": "require_and_verify", "ca": authorities}}
        ],
        "automatic_https": {"disable": True},
    }
    pair = {"certificate": str(ground.server), "key": str(ground.server)}
    configuration = {
        "admin": {"disabled": True},
        "apps": {
            "http": {"servers": {"portal": server}},
            "tls": {"certificates": {"load_files": [pair]}},
        },
    }
    file = folder / "caddy.json"
    file.write_text(json.dumps(configuration))
    command = on_cpu(GATEWAY_CPU, str(program), "run", "--config", str(file))
    environment = {"HOME": str(folder), "GOMAXPROCS": "1"}
    with running(command, folder, port, environment) as pid:
        url = f"https://{HOST}:{port}/apps/app/x"
        yield Gateway(NAME, [pid], url, cookie, ground.certificate, ground.root)
