"""One whole installation on loopback, as docker-compose.yml describes it, of native processes.

PostgreSQL, a signer, two nodes, two edges (HAProxy and agent each, on addresses
of their own and the same ports), and applications behind them. Tests that take
the fixture `installation` are marked `on_installation`, so that one worker has it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import create_engine, text

from tests.support.at_once import each_at_once
from tests.support.command import run_here
from tests.support.credit_codes import credit_code
from tests.support.guest import Doors, Root
from tests.support.haproxy import edge_folder
from tests.support.installed_machines import InstalledEdge, Machines
from tests.support.long_upstream import long_upstream
from tests.support.ports import Ports, free_ports
from tests.support.postgresql import Cluster, running_cluster
from tests.support.sample_application import SampleApplication, sample_application
from tests.support.server import Server
from tests.support.tls_credentials import HOST

DATABASE = "installation"
# On Linux all of 127.0.0.0/8 is this machine.
ADDRESSES = ("127.0.0.1", "127.0.0.2")
ROUTES = """\
[[application]]
name = "statements"
path = "/apps/statements"
upstream = ["http://127.0.0.1:{statements}"]
kinds = ["unit"]
websockets = true
strip_path = true

[[application]]
name = "audits"
path = "/apps/audits"
upstream = ["http://127.0.0.1:{statements}"]
roles = ["auditor"]

# Keeps things open: upgrades, uploads, slow answers (tests/support/long_upstream.py).
[[application]]
name = "app"
path = "/apps/app"
upstream = ["http://127.0.0.1:{lasting}"]
kinds = ["unit"]
websockets = true
largest_body_kilobytes = 1000000
"""

on_installation = pytest.mark.xdist_group("installation")


@dataclass
class Installation:
    """Everything, and the operator's commands."""

    folder: Path
    cluster: Cluster
    ports: Ports
    nodes: tuple[Server, Server]
    edges: tuple[InstalledEdge, InstalledEdge]
    signer: Server
    statements: SampleApplication
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def root(self) -> x509.Certificate:
        """The root certificate."""
        return x509.load_pem_x509_certificate((self.folder / "root.pem").read_bytes())

    @property
    def output(self) -> str:
        """What every process but PostgreSQL has said so far."""
        speakers = (*self.nodes, *self.edges, self.signer, self.statements)
        return "".join(one.output for one in speakers)

    def cli(self, *arguments: str, expect: int = 0) -> str:
        """Run a `certgate` command on the first node's machine; return its standard output."""
        return self.nodes[0].cli(*arguments, expect=expect)

    def json(self, *arguments: str) -> Any:
        """Run a command with `--json`; return its document."""
        return self.nodes[0].json(*arguments)

    def register_unit(self) -> dict[str, str]:
        """Register another unit by the command; return its slip."""
        number = next(self._numbers)
        slip: dict[str, str] = self.json(
            *("unit", "add", "--name", f"武汉第{number}制造有限公司", "--district", "wuchang"),
            *("--credit-code", credit_code(number)),
        )
        return slip

    def doors(self, folder: Path | None = None) -> tuple[Doors, Doors]:
        """Return the same installation through its first and its second edge.

        `folder` takes the visitors' keys; without one the installation's own does.
        """
        root, ports = Root(self.root), self.ports
        first, second = (
            Doors(folder or self.folder, root, ports.portal, ports.public, address=edge.address)
            for edge in self.edges
        )
        return first, second

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what the database has, past every node."""
        engine = create_engine(self.cluster.url(DATABASE))
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(query))]
        finally:
            engine.dispose()


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """The one installation of this test run; leave it as whole as you found it."""
    with (
        edge_folder() as folder,
        # What it acknowledged must be there when its processes are killed.
        running_cluster({"synchronous_commit": "on"}) as cluster,
        running_installation(folder, cluster) as running,
    ):
        yield running


@contextmanager
def running_installation(folder: Path, cluster: Cluster) -> Iterator[Installation]:
    """Start everything on an empty database of `cluster`; `folder` has a short name."""
    with ExitStack() as endings:
        ports, statements = free_ports(), free_ports().pki
        lasting = endings.enter_context(long_upstream())
        (folder / "routes.toml").write_text(ROUTES.format(statements=statements, lasting=lasting))
        (folder / "token-key").write_text("a secret that nodes and edges of a test share\n")
        (folder / "keys").mkdir(mode=0o700)
        machines = Machines(folder, ports, cluster.create(DATABASE), endings)
        nodes = machines.node("node-1"), machines.node("node-2")
        signer = machines.signer()
        edges = machines.edge("edge-1", ADDRESSES[0]), machines.edge("edge-2", ADDRESSES[1])
        root = _set_up(nodes[0], signer, edges)
        (folder / "root.pem").write_bytes(root)

        signer.start()
        sample = endings.enter_context(
            sample_application(folder, statements, f"https://{HOST}:{ports.portal}", HOST)
        )
        each_at_once(*[one.start for one in (*nodes, *edges)], sample.wait)
        yield Installation(folder, cluster, ports, nodes, edges, signer, sample)


def _set_up(node: Server, signer: Server, edges: tuple[InstalledEdge, ...]) -> bytes:
    """Make the CA, hand its keys to the signer, enrol the edges; return the root in PEM."""
    alone = {name: value for name, value in node.environment().items() if name != "CERTGATE_SIGNER"}
    for arguments in (
        ("init",),
        *(
            ("edge", "enroll", edge.agent.settings["CERTGATE_EDGE_NAME"],
             "--out", str(edge.proxy.files.folder))
            for edge in edges
        ),
        ("signer", "adopt", str(node.data), "--data", str(signer.data)),
    ):  # fmt: skip
        ended = run_here(arguments, alone)
        assert ended.status == 0, ended.errors
    written = edges[0].proxy.files.link_authorities.read_bytes()
    (root,) = (one for one in x509.load_pem_x509_certificates(written) if one.issuer == one.subject)
    return root.public_bytes(Encoding.PEM)
