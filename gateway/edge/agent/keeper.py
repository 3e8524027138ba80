"""Keeps the files that HAProxy reads up to date, and has it read them.

HAProxy 2.6 takes a CRL through its socket while that fits one buffer; a longer
one is written and read at a reload. A reload is not made for every change of a
long CRL: what it lacks is on the deny list. It is made before the one in use is
too old, and for everything else that changes: a server certificate given
through the socket makes 2.6 crash at the next CRL (docs/decisions/0022-edge-agent.md).
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from ca.keys import KeyStore
from ca.keys.private_files import make_private_folder, replace_private_file
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Failure
from gateway.edge.agent.errors import ProxyAway, ProxyRefused
from gateway.edge.agent.master import Master
from gateway.edge.agent.material import (
    EdgeCrls,
    crls_in_pem,
    find_crls,
    find_server_certificate,
    in_pem,
    read_authorities,
)
from gateway.edge.agent.proxy import Proxy, ProxyIdentity
from gateway.edge.files import EdgeFiles

_ENDING: Final = timedelta(days=3)

_LOG = structlog.get_logger(__name__)


class EdgeKeeper:
    """Everything runs in the thread that calls `prepare`, and later `keep`."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        files: EdgeFiles,
        keys: KeyStore | None,
        render: Callable[[], str],
        proxy: Proxy,
        master: Master,
    ) -> None:
        """`render` returns HAProxy's configuration and lays out its folder; `keys` may be None."""
        self._database = database
        self._clock = clock
        self._files = files
        self._keys = keys
        self._render = render
        self._proxy = proxy
        self._master = master
        self._crls: EdgeCrls | None = None
        self._in_use: EdgeCrls | None = None
        self._read_by: ProxyIdentity | None = None
        self._reload_wanted = False

    def prepare(self) -> None:
        """Write every file before HAProxy starts. Raises what stands in the way."""
        make_private_folder(self._files.folder)
        self._write_configuration()
        self._write_credentials()
        self._write_crls()
        self._reload_wanted = False

    def keep(self) -> str | None:
        """Bring files and HAProxy up to date; return the code of what an operator should see to.

        A failure is returned as such a code too: the files stay as they are.
        """
        try:
            self._write_configuration()
            self._write_credentials()
            self._keep_crls()
            if self._reload_wanted:
                if not self._master.reload():
                    return "reload-needed"
                self._reload_wanted = False
                self._in_use = self._crls
                _LOG.info("edge_proxy_reloaded")
        except ProxyAway:
            return "proxy-away"
        except ProxyRefused as refused:
            _LOG.error("edge_proxy_refused", command=refused.params["command"])
            return "proxy-refused"
        except Failure as failure:
            return failure.code[:32]
        return self._concern()

    def _concern(self) -> str | None:
        now = self._clock.now()
        if self._in_use is not None and self._in_use.ends_at - now < _ENDING / 3:
            return "crl-ending"
        if not self._files.server.exists():
            return "server-certificate-missing"
        return None

    def _write_configuration(self) -> None:
        if self._write(self._files.configuration, self._render().encode()):
            self._reload_wanted = True

    def _write_credentials(self) -> None:
        now = self._clock.now()
        with self._database.reading() as session:
            authorities = read_authorities(session, now)
            server = find_server_certificate(session, self._keys, now) if self._keys else None
        certificates = in_pem(list(authorities.values()))
        for file, content in (
            (self._files.client_authorities, certificates),
            (self._files.link_authorities, certificates),
            (self._files.server, server.pem if server is not None else None),
        ):
            if content is not None and self._write(file, content):
                self._reload_wanted = True

    def _write_crls(self) -> bytes | None:
        """Write the CRLs if there are newer ones; return them in PEM then."""
        with self._database.reading() as session:
            names = list(read_authorities(session, self._clock.now()))
            newest, records = find_crls(session, names)
            if newest == self._crls and self._files.crls.exists():
                return None
            pem = crls_in_pem(session, records)
        self._write(self._files.crls, pem)
        self._crls = newest
        return pem

    def _keep_crls(self) -> None:
        identity = self._proxy.identity()
        if identity != self._read_by:
            # It has read the file when it started; which one that was is not known.
            self._read_by, self._in_use = identity, None
        self._write_crls()
        if self._crls == self._in_use or self._reload_wanted:
            return
        assert self._crls is not None
        if self._proxy.replace_crls(self._files.crls.read_text("ascii")):
            self._in_use = self._crls
        elif self._in_use is None:
            # At the start of a process that read the file we had written before.
            self._in_use = self._crls
        elif self._clock.now() >= self._in_use.half_life:
            self._reload_wanted = True

    def _write(self, file: Path, content: bytes) -> bool:
        """Write a file unless it has this content; return whether it was written."""
        if file.exists() and _digest(file.read_bytes()) == _digest(content):
            return False
        replace_private_file(file, content)
        return True


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
