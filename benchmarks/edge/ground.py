"""What every gateway of the comparison gets: the same upstream, certificates and request."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.installing import PeerMissing
from benchmarks.peers.serving import free_port, running
from tests.support.edge_pki import EdgePki
from tests.support.tls_credentials import Credential, pem_of

# One core for the gateway, the other for whoever asks and whoever answers.
GATEWAY_CPU, OTHERS_CPU = "0", "1"
HEADERS = {
    "Accept": "text/html,application/xhtml+xml",
    "Accept-Language": "zh-CN,zh;q=0.9",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
}
# What nginx needs to run as nobody special, in a folder of its own.
NGINX_HEAD = """
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  keepalive_requests 100000000;
"""
_UPSTREAM = """  access_log off;
  server {{ listen 127.0.0.1:{port}; location / {{ return 200 "done"; }} }}
}}
"""


@dataclass(frozen=True)
class Gateway:
    """One that was started: whom to ask, as whom, and whose processor time counts."""

    name: str
    pids: Sequence[int]
    url: str
    cookie: str
    certificate: Path
    root: Path
    has_http2: bool = True


@dataclass(frozen=True)
class Ground:
    """A hierarchy, a unit's certificate and an upstream that answers at once."""

    folder: Path
    pki: EdgePki
    unit: Credential
    upstream_port: int

    @property
    def root(self) -> Path:
        """The file that clients believe."""
        return self._file("root.pem", pem_of(self.pki.root.certificate))

    @property
    def authorities(self) -> Path:
        """The file that gateways hold certificates of clients against."""
        chain = pem_of(self.pki.root.certificate, self.pki.issuing.certificate)
        return self._file("authorities.pem", chain)

    @property
    def crls(self) -> Path:
        """The CRLs of both."""
        return self._file("crls.pem", self.pki.crls())

    @property
    def server(self) -> Path:
        """Key and chain of the gateway."""
        return self._file("server.pem", self.pki.server.pem)

    @property
    def certificate(self) -> Path:
        """Key and chain of the unit."""
        return self.unit.write(self.folder)

    def place(self, name: str) -> Path:
        """Return a new folder for one gateway."""
        folder = self.folder / name
        folder.mkdir()
        return folder

    def _file(self, name: str, content: bytes) -> Path:
        file = self.folder / name
        if not file.exists():
            file.write_bytes(content)
        return file


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """Make it in `folder`, whose name is short: a Unix socket will be there."""
    pki = EdgePki(folder)
    place, port = folder / "upstream", free_port()
    place.mkdir()
    with running_nginx(place, port, _UPSTREAM.format(port=port), OTHERS_CPU):
        yield Ground(folder, pki, pki.issuing.issue("wh000123"), port)


@contextmanager
def running_nginx(folder: Path, port: int, rest: str, cpu: str = GATEWAY_CPU) -> Iterator[int]:
    """Run nginx with one worker; return its process. Raises `PeerMissing` where there is none."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None:
        raise PeerMissing("nginx is not installed")
    file = folder / "nginx.conf"
    file.write_text(NGINX_HEAD.format(folder=folder) + rest)
    with running(on_cpu(cpu, program, "-p", str(folder), "-c", str(file)), folder, port, {}) as pid:
        yield pid


def on_cpu(cpu: str, *command: str) -> list[str]:
    """Return the command held to one core, so that contenders have the same."""
    return ["taskset", "-c", cpu, *command]
