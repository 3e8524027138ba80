"""One edge for all tests of a module: a node and an application behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.edge_client import KEY_NAME, SECRET, Client, Tokens
from tests.support.edge_pki import EdgePki
from tests.support.haproxy import Edge, edge_folder, edge_settings, running_edge
from tests.support.tls_credentials import HOST, Credential
from tests.support.upstream import Upstream, running_upstream
from tests.support.websocket_upstream import WebsocketUpstream, running_websockets

APPLICATION_HOST = "apps.example"
AUDIT_HOST = "audit.example"


@dataclass(frozen=True)
class Scene:
    """An edge that is open, what stands behind it, and a unit in front of it."""

    edge: Edge
    pki: EdgePki
    node: Upstream
    application: Upstream
    websockets: WebsocketUpstream
    unit: Credential

    @property
    def tokens(self) -> Tokens:
        """The unit's tokens for the portal's own host."""
        return Tokens(self.edge.settings.portal_url, self.unit)

    def client(
        self, credential: Credential | None = None, host: str = HOST, *, bare: bool = False
    ) -> Client:
        """Return a client of the portal with the unit's certificate, another, or none."""
        shown = None if bare else credential or self.unit
        return Client(self.pki, self.edge.ports.portal, shown, host)

    def reopen(self) -> None:
        """Make the maps as an agent would that has nobody to deny."""
        for name in ("denied-certificates", "denied-sessions"):
            self.edge.fill(name, {})
        self.edge.fill("token-keys", {KEY_NAME: SECRET})
        self.edge.trust()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with edge_folder() as made:
        yield made


@pytest.fixture(scope="module")
def standing(folder: Path) -> Iterator[Scene]:
    pki = EdgePki(folder, hosts=(HOST, APPLICATION_HOST, AUDIT_HOST))
    with (
        running_upstream(pki) as node,
        running_upstream() as application,
        running_websockets() as websockets,
    ):
        (folder / "routes.toml").write_text(routes(application, websockets))
        settings = edge_settings(folder, [node.address])
        with running_edge(settings, pki) as edge:
            yield Scene(edge, pki, node, application, websockets, pki.issuing.issue("wh000123"))


@pytest.fixture
def scene(standing: Scene) -> Scene:
    """The edge of this module, open and with nobody denied."""
    standing.reopen()
    standing.application.set_cookie.clear()
    return standing


def routes(application: Upstream, websockets: WebsocketUpstream) -> str:
    """Return applications on the portal's host and on their own, each for somebody else."""
    upstream = f'upstream = ["http://{application.address}"]'
    return f"""
[[application]]
name = "statements"
path = "/apps/statements"
{upstream}
kinds = ["unit"]
unit_classes = ["vip"]
strip_path = true
largest_body_kilobytes = 1

[[application]]
name = "statements-old"
path = "/apps/statements/old"
{upstream}
kinds = ["unit", "officer"]
client_certificate = true

[[application]]
name = "chat"
host = "{APPLICATION_HOST}"
{upstream}
everybody = true
websockets = true

[[application]]
name = "live"
path = "/apps/live"
upstream = ["http://{websockets.address}"]
everybody = true
websockets = true

[[application]]
name = "audit"
host = "{AUDIT_HOST}"
{upstream}
roles = ["auditor", "administrator"]
"""
