"""What lies in the folder of an edge, and where."""

import re
from dataclasses import dataclass
from pathlib import Path

# HAProxy reads its configuration in words: no space, quote, backslash or dollar.
_PLAIN = re.compile(r"/[A-Za-z0-9._+@/-]*")
# sockaddr_un holds 107 octets, and HAProxy binds a temporary name beside it.
_LONGEST_SOCKET = 90

MAPS = (
    "leases",
    "denied-certificates",
    "denied-sessions",
    "token-keys",
    "connections",
)


@dataclass(frozen=True)
class EdgeFiles:
    """The files of one edge, by absolute path; none of them need exist."""

    folder: Path

    def __post_init__(self) -> None:
        """Raise `ValueError` for a folder whose name cannot stand in a configuration."""
        if _PLAIN.fullmatch(str(self.folder)) is None:
            raise ValueError("edge_state: an absolute path of letters, digits and . _ + @ / -")
        if len(str(self.socket)) > _LONGEST_SOCKET:
            raise ValueError("edge_state: too long for a socket")

    @property
    def configuration(self) -> Path:
        """HAProxy's configuration."""
        return self.folder / "haproxy.cfg"

    @property
    def server(self) -> Path:
        """Chain and key of the public and the portal door."""
        return self.folder / "server.pem"

    @property
    def client_authorities(self) -> Path:
        """Root and every issuing CA that client certificates may come from."""
        return self.folder / "client-authorities.pem"

    @property
    def crls(self) -> Path:
        """The root's CRL and the full CRL of every issuing CA."""
        return self.folder / "crls.pem"

    @property
    def link(self) -> Path:
        """The edge's own certificate and key, towards the nodes."""
        return self.folder / "link.pem"

    @property
    def link_authorities(self) -> Path:
        """The authorities that the nodes' certificates come from."""
        return self.folder / "link-authorities.pem"

    @property
    def socket(self) -> Path:
        """HAProxy's runtime socket, with full rights."""
        return self.folder / "haproxy.sock"

    @property
    def master_socket(self) -> Path:
        """The socket of HAProxy's master process (``-W -S``), by which it is reloaded."""
        return self.folder / "master.sock"

    @property
    def pages(self) -> Path:
        """The folder of the answers that refuse a request."""
        return self.folder / "pages"

    @property
    def maps(self) -> Path:
        """The folder of the maps."""
        return self.folder / "maps"

    def map(self, name: str) -> Path:
        """Return the file of one of `MAPS`."""
        if name not in MAPS:
            raise KeyError(name)
        return self.maps / f"{name}.map"
