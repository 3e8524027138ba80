"""The hierarchy of an edge's tests, and the files that its agent would have written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from gateway.edge.files import EdgeFiles
from tests.support.tls_credentials import HOST, SERVER, Credential, make_root, pem_of

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class EdgePki:
    """One hierarchy, and the credentials of an edge and of its nodes; files go to `folder`."""

    folder: Path
    hosts: Sequence[str] = (HOST,)
    root: Credential = field(default_factory=make_root)

    def __post_init__(self) -> None:
        """Make what is below the root."""
        issuing = self.root.issue_ca("Issuing CA")
        object.__setattr__(self, "issuing", issuing)
        hosts = (*self.hosts, "127.0.0.1")
        server = issuing.issue(HOST, purposes=(SERVER,), hosts=hosts)
        object.__setattr__(self, "server", server)
        object.__setattr__(self, "link", issuing.issue("edge-1"))

    issuing: Credential = field(init=False)
    server: Credential = field(init=False)
    link: Credential = field(init=False)

    def crls(self, *revoked: int, next_update: timedelta = _DAY) -> bytes:
        """Return the CRLs of root and issuing CA in PEM."""
        return self.root.crl() + self.issuing.crl(*revoked, next_update=next_update)

    def write(self, files: EdgeFiles) -> None:
        """Write what the agent of an edge would have written."""
        authorities = pem_of(self.root.certificate, self.issuing.certificate)
        files.server.write_bytes(self.server.pem)
        files.client_authorities.write_bytes(authorities)
        files.crls.write_bytes(self.crls())
        files.link.write_bytes(self.link.pem)
        files.link_authorities.write_bytes(authorities)
