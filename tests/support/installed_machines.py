"""The machines of an installation (tests/support/installation.py): a folder and a process each."""

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from foundation.settings import Settings
from gateway.edge.files import EdgeFiles
from tests.support.at_once import each_at_once
from tests.support.haproxy import Edge
from tests.support.ports import Ports, free_ports
from tests.support.server import Server

WAIT_SECONDS = 60


@dataclass
class InstalledEdge:
    """A HAProxy in master-worker mode, and the agent that writes its files and feeds it."""

    address: str
    proxy: Edge
    agent: Server

    def start(self) -> None:
        """Start both, the agent first: HAProxy starts with the files that it has prepared."""
        each_at_once(self.agent.start, self.start_proxy)

    def start_proxy(self) -> None:
        """Start HAProxy when its files are there."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not self.proxy.files.crls.exists():
            # The last of them.
            assert time.monotonic() < deadline, f"no files for HAProxy:\n{self.agent.output}"
            time.sleep(0.05)
        self.proxy.start("-W", "-S", str(self.proxy.files.master_socket))

    @property
    def output(self) -> str:
        """What both have said so far."""
        return "".join([*self.proxy.lines, self.agent.output])


@dataclass
class Machines:
    """Where the processes run: each has a folder, and they share what is mounted into it."""

    folder: Path
    ports: Ports
    database_url: str
    endings: ExitStack
    links: list[int] = field(default_factory=list)

    def node(self, name: str) -> Server:
        """Return a node that is not started yet."""
        link, _, metrics = (ports := free_ports()).pki, ports.public, ports.portal
        self.links.append(link)
        return self._machine(name, CERTGATE_EDGE_PORT=str(link), CERTGATE_METRICS_PORT=str(metrics))

    def signer(self) -> Server:
        """Return the signer, which knows no database."""
        data = self.folder / "signer"
        signer = Server(data, self.ports, command=("signer",), ready="certgate signer: ready")
        self.endings.callback(_kill, signer)
        return signer

    def edge(self, name: str, address: str) -> InstalledEdge:
        """Return an edge that is not started yet."""
        nodes = tuple(f"127.0.0.1:{port}" for port in self.links)
        metrics = str(free_ports().pki)
        agent = self._machine(
            name,
            CERTGATE_BIND=address,
            CERTGATE_EDGE_NAME=name,
            CERTGATE_EDGE_NODES=",".join(nodes),
            CERTGATE_METRICS_PORT=metrics,
        )
        agent.command, agent.ready = ("edge", "agent"), "certgate: edge ready"
        ports = self.ports
        settings = Settings(
            data=agent.data, bind=ip_address(address), edge_name=name, edge_nodes=nodes,
            pki_port=ports.pki, public_port=ports.public, portal_port=ports.portal,
        )  # fmt: skip
        edge = InstalledEdge(address, Edge(settings, EdgeFiles(agent.data / "edge")), agent)
        self.endings.callback(edge.proxy.kill)
        return edge

    def _machine(self, name: str, **settings: str) -> Server:
        data = self.folder / name
        data.mkdir(mode=0o700)
        (data / "keys").symlink_to(self.folder / "keys")
        shared = {
            "CERTGATE_DATABASE_URL": self.database_url,
            "CERTGATE_SIGNER": f"unix:{self.folder / 'signer' / 'signer.sock'}",
            "CERTGATE_TOKEN_KEY_FILE": str(self.folder / "token-key"),
            "CERTGATE_ROUTES": str(self.folder / "routes.toml"),
        }
        server = Server(data, self.ports, {**shared, **settings})
        self.endings.callback(_kill, server)
        return server


def _kill(process: Server) -> None:
    if process.is_running:
        process.kill()
