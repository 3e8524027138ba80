"""Our edge: HAProxy with the configuration that `certgate edge render` prints."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from benchmarks.edge.ground import GATEWAY_CPU, Gateway, Ground, on_cpu
from benchmarks.peers.serving import running
from foundation.clock import SystemClock
from gateway.composition.edge import prepare_edge
from gateway.edge.files import EdgeFiles
from tests.support.edge_client import KEY_NAME, SECRET, Tokens
from tests.support.haproxy import Edge, edge_settings, program
from tests.support.tls_credentials import HOST

NAME = "edge"
_ROUTES = """
[[application]]
name = "app"
path = "/apps/app"
upstream = ["http://127.0.0.1:{port}"]
kinds = ["unit"]
unit_classes = ["vip"]
"""
# Longer than the benchmark takes.
_TOKEN_SECONDS = 100_000
# As long as an ES256 assertion is; the edge compares its hash.
_ASSERTION = "a" * 700
# Names in the maps that nobody of the benchmark has.
_DENIED = 1_000


@contextmanager
def running_ours(ground: Ground) -> Iterator[Gateway]:
    """Run it with a token's key, a thousand denied certificates and as many denied sessions."""
    folder = ground.place("ours")
    (folder / "routes.toml").write_text(_ROUTES.format(port=ground.upstream_port))
    # No node is there: the application is asked for and nothing else.
    settings = edge_settings(folder, ["127.0.0.1:9"])
    files = EdgeFiles(settings.resolved_edge_state)
    files.configuration.parent.mkdir(exist_ok=True)
    files.configuration.write_text(prepare_edge(settings), encoding="utf-8")
    ground.pki.write(files)
    command = on_cpu(GATEWAY_CPU, program(), "-db", "-f", str(files.configuration))
    with running(command, folder, settings.portal_port, {}) as pid:
        edge = Edge(settings, files)
        edge.fill("token-keys", {KEY_NAME: SECRET})
        edge.fill("denied-certificates", _nobodies("revoked"))
        edge.fill("denied-sessions", _nobodies("ended"))
        edge.trust(_TOKEN_SECONDS)
        url = f"https://{HOST}:{settings.portal_port}/apps/app/x"
        cookie = _cookie(Tokens(settings.portal_url, ground.unit))
        yield Gateway(NAME, [pid], url, cookie, ground.certificate, ground.root)


def _nobodies(reason: str) -> Mapping[str, str]:
    return {f"{10**30 + number}": reason for number in range(_DENIED)}


def _cookie(tokens: Tokens) -> str:
    until = int(SystemClock().now().timestamp()) + _TOKEN_SECONDS
    return "; ".join(f"{name}={value}" for name, value in tokens.cookies(exp=until).items())
