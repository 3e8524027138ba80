"""Two gateway nodes on one PostgreSQL, and a load balancer that asks whether they are ready."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.support.ports import free_ports
from tests.support.postgresql import Cluster, running_cluster
from tests.support.server import Server

DATABASE = "nodes"
WAIT_SECONDS = 30

BALANCER = """\
global
    log stderr format raw local0 emerg
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout check 20s
    retries 0
frontend front
    bind 127.0.0.1:{front}
    default_backend nodes
backend nodes
    http-response set-header x-node %s
    option httpchk
    http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host localhost
    default-server ssl verify none check inter 2s fall 1 rise 1
    server first 127.0.0.1:{first}
    server second 127.0.0.1:{second}
"""


@dataclass
class Nodes:
    """A PostgreSQL and the two nodes that work on it."""

    cluster: Cluster
    first: Server
    second: Server
    # What trusts the root of their CA, as a browser into which it was installed.
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    @property
    def both(self) -> tuple[Server, Server]:
        """Both nodes."""
        return self.first, self.second

    def start(self) -> None:
        """Start both in the same moment; raises when one of them does not get ready."""
        failed: list[BaseException] = []

        def start(node: Server) -> None:
            try:
                node.start()
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=start, args=(node,)) for node in self.both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise failed[0]
        root = httpx.get(f"{self.first.pki}/ca/root.cer").content
        self.trust.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(root))

    def client(self, node: Server) -> httpx.Client:
        """Return a client of a node's public door that keeps its connection."""
        return httpx.Client(base_url=node.public, verify=self.trust, timeout=WAIT_SECONDS)

    def number(self, node: Server, sample: str) -> float | None:
        """Return what a node's metrics listener says of a sample, None when it says nothing."""
        port = node.settings["CERTGATE_METRICS_PORT"]
        shown = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=WAIT_SECONDS).text
        found = [
            line.split(" ")[-1] for line in shown.splitlines() if line.startswith(f"{sample} ")
        ]
        return float(found[0]) if found else None

    def is_ready(self, node: Server) -> bool:
        """Say whether a node says so of itself."""
        with self.client(node) as client:
            try:
                return client.get("/readyz").status_code == 200
            except httpx.HTTPError:
                return False

    def kill(self) -> None:
        """End whichever is running."""
        for node in self.both:
            if node.is_running:
                node.kill()


@contextmanager
def two_nodes(folder: Path) -> Iterator[Nodes]:
    """Start two nodes at once on an empty database; they share a keys folder and nothing else."""
    with running_cluster({"synchronous_commit": "on"}) as cluster, ExitStack() as endings:
        url = cluster.create(DATABASE)
        keys = folder / "keys"
        keys.mkdir(mode=0o700)

        def node(name: str) -> Server:
            data = folder / name
            data.mkdir(mode=0o700)
            # As a volume that is mounted into both.
            (data / "keys").symlink_to(keys)
            metrics = str(free_ports().pki)
            settings = {
                "CERTGATE_DATABASE_URL": url,
                "CERTGATE_METRICS_PORT": metrics,
                # More than twice the balancer's interval, which a busy machine's handshake needs.
                "CERTGATE_DRAIN_SECONDS": "5",
            }
            return Server(data, free_ports(), settings)

        nodes = Nodes(cluster, node("first"), node("second"))
        endings.callback(nodes.kill)
        nodes.start()
        yield nodes


@dataclass
class Balancer:
    """A HAProxy that spreads requests over the public doors, and repeats none."""

    port: int

    @property
    def url(self) -> str:
        """Where it listens, in plain HTTP."""
        return f"http://127.0.0.1:{self.port}"

    def asks(self, node: str) -> bool:
        """Say whether this node (`first`, `second`) gets requests; each in turn is asked."""
        answers = [
            httpx.get(f"{self.url}/healthz", headers={"host": "localhost"}) for _ in range(2)
        ]
        return node in {answer.headers.get("x-node") for answer in answers}


@contextmanager
def balanced(nodes: Nodes, folder: Path) -> Iterator[Balancer]:
    """Run a balancer before both nodes."""
    executable = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if executable is None:
        pytest.skip("haproxy is not installed (apt-get install haproxy)")
    port = free_ports().pki
    file = folder / "balancer.cfg"
    file.write_text(
        BALANCER.format(
            front=port, first=nodes.first.ports.public, second=nodes.second.ports.public
        )
    )
    process = subprocess.Popen([executable, "-db", "-f", file], stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: _is_open(port))
        yield Balancer(port)
    finally:
        process.kill()
        process.wait()


@dataclass
class Visitors:
    """Clients that ask again and again, each on connections that it keeps."""

    url: str
    path: str
    count: int = 2
    statuses: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask while the block runs."""
        over = threading.Event()
        threads = [threading.Thread(target=self._ask, args=(over,)) for _ in range(self.count)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def _ask(self, over: threading.Event) -> None:
        with httpx.Client(base_url=self.url, headers={"host": "localhost"}) as client:
            # Not as fast as it goes: the nodes start beside it.
            while not over.wait(0.05):
                try:
                    self.statuses.append(client.get(self.path, timeout=WAIT_SECONDS).status_code)
                except httpx.HTTPError as failed:
                    self.failures.append(repr(failed))


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait until `happened` says so."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not happened():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
