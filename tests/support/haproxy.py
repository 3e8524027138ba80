"""A real HAProxy with the configuration that `certgate edge render` prints."""

import json
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from foundation.clock import SystemClock
from foundation.settings import Settings
from gateway.composition.edge import prepare_edge
from gateway.edge.files import EdgeFiles
from tests.support.edge_pki import EdgePki
from tests.support.ports import Ports, free_ports
from tests.support.tls_credentials import HOST

WAIT_SECONDS = 20
_LEASE_SECONDS = 3600


def program() -> str:
    """Return where HAProxy is; skip the test where it is not installed."""
    found = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if found is None:
        pytest.skip("haproxy is not installed (apt-get install haproxy)")
    return found


@dataclass
class Edge:
    """A running edge: its ports, its folder, its runtime socket, what it logged."""

    settings: Settings
    files: EdgeFiles
    lines: list[str] = field(default_factory=list)
    _process: subprocess.Popen[str] | None = None

    @property
    def ports(self) -> Ports:
        """The three doors."""
        one = self.settings
        return Ports(one.pki_port, one.public_port, one.portal_port)

    @property
    def pid(self) -> int:
        """The number of the process."""
        assert self._process is not None
        return self._process.pid

    def command(self, line: str) -> str:
        """Return what the runtime socket answers to `line`."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(WAIT_SECONDS)
            connection.connect(str(self.files.socket))
            connection.sendall(line.encode() + b"\n")
            received = b""
            while data := connection.recv(65_536):
                received += data
        return received.decode()

    def fill(self, name: str, entries: Mapping[str, str]) -> None:
        """Make `entries` the whole content of a map, at once."""
        file = self.files.map(name)
        version = self.command(f"prepare map {file}").rpartition(" ")[2].strip()
        for key, value in entries.items():
            answer = self.command(f"add map @{version} {file} {key} {value}").strip()
            assert not answer, answer
        answer = self.command(f"commit map @{version} {file}").strip()
        assert not answer, answer

    def trust(self, seconds: int = _LEASE_SECONDS) -> None:
        """Open the portal door for so long."""
        until = int(SystemClock().now().timestamp()) + seconds
        self.fill("leases", {"portal": str(until)})

    def load_crls(self, pem: bytes) -> str:
        """Replace the CRL file in the running process."""
        with_end = pem.decode().strip()
        said = self.command(f"set ssl crl-file {self.files.crls} <<\n{with_end}\n")
        return said + self.command(f"commit ssl crl-file {self.files.crls}")

    def log(self) -> list[dict[str, Any]]:
        """Return the requests logged so far."""
        requests = [line for line in list(self.lines) if line.startswith("{")]
        return [dict(json.loads(line)) for line in requests]

    def logged(self, request_id: str) -> dict[str, Any]:
        """Return the log's line of one request, which may still be on its way."""
        return self.logged_where(lambda line: bool(line["request_id"] == request_id))

    def logged_where(self, is_meant: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the last line that is meant; it may still be on its way."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            meant = [line for line in self.log() if is_meant(line)]
            if meant:
                return meant[-1]
            time.sleep(0.01)
        raise AssertionError("no such request is in the log")

    def wait_until_down(self, backend: str, server: str) -> None:
        """Wait until the health checks have found `server` unfit."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            for line in self.command("show stat").splitlines():
                cells = line.split(",")
                if cells[:2] == [backend, server] and cells[17].startswith("DOWN"):
                    return
            time.sleep(0.05)
        raise AssertionError(f"{backend}/{server} is not down")

    def start(self, *options: str) -> None:
        """Start HAProxy and return when its doors are open."""
        self._process = subprocess.Popen(
            [program(), "-db", *options, "-f", self.files.configuration],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self.command("show info")
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.kill()
        raise AssertionError("HAProxy did not start:\n" + "".join(self.lines))

    def kill(self) -> None:
        """End the process at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(WAIT_SECONDS)

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                self.lines.append(line)


def edge_settings(folder: Path, nodes: Sequence[str], **others: Any) -> Settings:
    """Return settings of an edge on free ports; its state is in `folder`/edge."""
    ports = free_ports()
    return Settings(
        data=folder,
        host=others.pop("host", HOST),
        pki_port=ports.pki,
        public_port=ports.public,
        portal_port=ports.portal,
        edge_nodes=tuple(nodes),
        edge_state=folder / "edge",
        **others,
    )


@contextmanager
def running_edge(settings: Settings, pki: EdgePki | None = None) -> Iterator[Edge]:
    """Render, prepare and start an edge; with `pki`, its files are written first.

    The maps are empty: call `trust` to open the portal door.
    """
    configuration = prepare_edge(settings)
    files = EdgeFiles(settings.resolved_edge_state)
    files.configuration.write_text(configuration, encoding="utf-8")
    if pki is not None:
        pki.write(files)
    edge = Edge(settings, files)
    try:
        edge.start()
        yield edge
    finally:
        edge.kill()


@contextmanager
def edge_folder() -> Iterator[Path]:
    """Return a folder with a short name: a Unix socket's path has 107 octets at most."""
    folder = Path(tempfile.mkdtemp(prefix="certgate-edge-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
