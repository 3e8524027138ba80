"""A unit at an application behind a real edge: logged in, renewed, and out once it is revoked.

HAProxy, its agent and a node are processes of their own, as they are in service.
"""

import re
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from statements.app import make_app
from statements.caller import Callers

from foundation.settings import Settings
from gateway.edge.files import EdgeFiles
from tests.support.bureau import NEW_PASSWORD
from tests.support.command import certgate_command
from tests.support.haproxy import Edge, edge_folder
from tests.support.ports import free_ports
from tests.support.server import Server

pytestmark = pytest.mark.slow
PATH = "/apps/statements"
ROUTES = """
[[application]]
name = "statements"
path = "/apps/statements"
upstream = ["http://127.0.0.1:{port}"]
kinds = ["unit"]
strip_path = true
"""
WAIT_SECONDS = 60


@dataclass
class Site:
    """Node, agent, edge and application."""

    node: Server
    edge: Edge
    folder: Path

    def client(self, certificate: Path | None) -> httpx.Client:
        """Return a browser that trusts the root."""
        context = ssl.create_default_context(cafile=str(self.folder / "root.pem"))
        if certificate is not None:
            context.load_cert_chain(certificate)
        return httpx.Client(verify=context, base_url=self.node.portal, timeout=20)


@contextmanager
def agent(node: Server) -> Iterator[threading.Event]:
    """Run `certgate edge agent`; the event is set when it serves."""
    process = subprocess.Popen(
        [*certgate_command(), "edge", "agent"],
        env=node.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    serving = threading.Event()
    assert process.stdout is not None
    output = process.stdout

    def read() -> None:
        with output:
            for line in output:
                if line.startswith("certgate: edge ready"):
                    serving.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield serving
    finally:
        process.kill()
        process.wait(WAIT_SECONDS)
        reader.join(WAIT_SECONDS)


@contextmanager
def application(site_folder: Path, portal: str, port: int) -> Iterator[None]:
    """Serve the sample application; it asks the portal for its keys through the edge."""
    trusted = ssl.create_default_context(cafile=str(site_folder / "root.pem"))
    client = httpx.Client(base_url=portal, verify=trusted)
    app = make_app(Callers(client, portal, "localhost"))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(WAIT_SECONDS)


@pytest.fixture
def site() -> Iterator[Site]:
    with edge_folder() as folder:
        ports, more = free_ports(), free_ports()
        (folder / "routes.toml").write_text(ROUTES.format(port=more.public), encoding="utf-8")
        link = f"127.0.0.1:{more.pki}"
        settings = {
            "CERTGATE_EDGE_PORT": str(more.pki),
            "CERTGATE_EDGE_NODES": link,
            "CERTGATE_EDGE_STATE": str(folder / "edge"),
        }
        node = Server(folder, ports, settings)
        node.start()
        try:
            node.json("edge", "enroll", "edge-1")
            files = EdgeFiles(folder / "edge")
            edge = Edge(_settings(node), files)
            with agent(node) as serving:
                _wait_for(files.configuration, files.server, files.crls)
                edge.start()
                try:
                    assert serving.wait(WAIT_SECONDS), "the agent does not serve"
                    root = httpx.get(f"http://127.0.0.1:{ports.pki}/ca/root.cer").content
                    pem = ssl.DER_cert_to_PEM_cert(root)
                    (folder / "root.pem").write_text(pem, encoding="ascii")
                    with application(folder, node.portal, more.public):
                        yield Site(node, edge, folder)
                finally:
                    edge.kill()
        finally:
            node.stop()


def _settings(node: Server) -> Settings:
    ports = node.ports
    return Settings(
        data=node.data,
        pki_port=ports.pki,
        public_port=ports.public,
        portal_port=ports.portal,
        edge_state=node.data / "edge",
    )


def _wait_for(*files: Path) -> None:
    pause = threading.Event()
    for _ in range(WAIT_SECONDS * 20):
        if all(file.exists() for file in files):
            return
        pause.wait(0.05)
    raise AssertionError(f"missing: {[file.name for file in files if not file.exists()]}")


def test_a_unit_reaches_the_application_until_it_is_revoked(site: Site) -> None:
    slip = site.node.json(
        "unit", "add", "--name", "武汉江城精密制造有限公司",
        "--credit-code", "91420100MA4K00001U", "--district", "wuchang",
    )  # fmt: skip
    visitor = site.client(picked_up(site, slip))
    with visitor:
        # Nobody is logged in: a person is sent to the login, a program is told.
        first = visitor.get(f"{PATH}/whoami", headers={"accept": "text/html"})
        assert first.status_code == 303
        assert first.headers["location"].startswith(f"{site.node.portal}/session/token?return=")
        told = visitor.get(f"{PATH}/whoami", headers={"accept": "application/json"})
        assert told.status_code == 401

        login = {"username": slip["username"], "password": slip["initial_password"]}
        assert visitor.post("/api/v1/session", json=login).status_code == 201
        # AMB-02: before the reset there is nothing for applications.
        assert visitor.get(f"{PATH}/whoami").status_code == 401
        change = {"old_password": slip["initial_password"], "new_password": NEW_PASSWORD}
        assert visitor.put("/api/v1/password", json=change).status_code == 204

        who = visitor.get(f"{PATH}/whoami").json()
        assert (who["sub"], who["kind"]) == (slip["username"], "unit")

        # The token is over (its cookie gone): there and back without being asked anything.
        for name in ("__Host-certgate-edge", "__Host-certgate-assertion"):
            visitor.cookies.delete(name)
        page = {"accept": "text/html"}
        back = visitor.get(f"{PATH}/whoami?year=2026", headers=page, follow_redirects=True)
        assert back.json()["sub"] == slip["username"]
        assert str(back.url) == f"{site.node.portal}{PATH}/whoami?year=2026"
        assert [one.status_code for one in back.history] == [303, 303]

        # On the connection that is open already.
        site.node.json("revoke", slip["serial_number"], "--reason", "keyCompromise")
        assert is_out(visitor)


def picked_up(site: Site, slip: dict[str, str]) -> Path:
    """Pick up the certificate at the public door, through the edge."""
    wanted = {
        "serial_number": slip["serial_number"],
        "download_password": slip["download_password"],
    }
    with httpx.Client(
        verify=ssl.create_default_context(cafile=str(site.folder / "root.pem")), timeout=20
    ) as anybody:
        file = anybody.post(f"{site.node.public}/api/v1/pickup", json=wanted).content
    bundle = load_pkcs12(file, slip["download_password"].encode())
    assert bundle.key is not None
    assert bundle.cert is not None
    target = site.folder / "unit.pem"
    target.write_bytes(
        bundle.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + bundle.cert.certificate.public_bytes(Encoding.PEM)
    )
    return target


def is_out(visitor: httpx.Client) -> bool:
    """Wait until the visitor is refused: by an answer or by a closed connection."""
    pause = threading.Event()
    for _ in range(100):
        try:
            answer = visitor.get(f"{PATH}/whoami", headers={"accept": "application/json"})
        except httpx.TransportError:
            pause.wait(0.05)
            continue
        if answer.status_code == 403:
            assert re.search(r"/certificate-revoked\b", answer.text)
            return True
        pause.wait(0.05)
    return False
