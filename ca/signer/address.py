"""Where a signer listens: a Unix socket on the same machine, or TLS between two.

``unix:/run/certgate/signer.sock``: the kernel says who is there (SO_PEERCRED).
``tls:10.0.0.7:7443``: TLS 1.3, and each side trusts exactly one certificate,
that of the other; no CA of anybody is asked.
"""

import socket
import ssl
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_UCRED = struct.Struct("3i")  # pid, uid, gid: unix(7)


@dataclass(frozen=True)
class UnixAddress:
    """A socket in the file system."""

    path: Path


@dataclass(frozen=True)
class TlsAddress:
    """A host and port; `credentials` is a folder as `ca.signer.link` makes it."""

    host: str
    port: int
    credentials: Path


Address = UnixAddress | TlsAddress


class PeerRefused(Exception):
    """The peer is not who may talk to the signer."""


def read_address(text: str, credentials: Path | None) -> Address:
    """Return the address that a setting spells; raises `ValueError`."""
    kind, _, rest = text.partition(":")
    if kind == "unix" and rest.startswith("/"):
        return UnixAddress(Path(rest))
    host, _, port = rest.rpartition(":")
    if kind == "tls" and host and port.isdecimal() and 0 < int(port) < 65_536:
        if credentials is None:
            raise ValueError("a signer behind TLS needs a folder of credentials")
        return TlsAddress(host.strip("[]"), int(port), credentials)
    raise ValueError("write unix:/path/to/socket or tls:host:port")


def connect(address: Address, timeout_seconds: float) -> socket.socket:
    """Return a connection to the signer; raises `OSError` and `PeerRefused`."""
    if isinstance(address, UnixAddress):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout_seconds)
        try:
            connection.connect(str(address.path))
        except OSError:
            connection.close()
            raise
        return connection
    plain = socket.create_connection((address.host, address.port), timeout_seconds)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _wrapped(plain, address.credentials, server_side=False)


def listen(address: Address) -> socket.socket:
    """Return a listening socket; a socket file that nobody listens on is replaced.

    Raises `OSError`, also when somebody does listen there.
    """
    if isinstance(address, UnixAddress):
        return _listen_unix(address.path)
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    return socket.create_server((address.host, address.port), family=family, backlog=64)


def admit(
    connection: socket.socket, address: Address, allowed_uids: Sequence[int]
) -> tuple[socket.socket, str]:
    """Return the connection, ready to use, and who is there; raises `PeerRefused`, `OSError`."""
    if isinstance(address, UnixAddress):
        _, uid, _ = _UCRED.unpack(
            connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
        )
        if uid not in allowed_uids:
            raise PeerRefused(f"user {uid} may not use the signer")
        return connection, f"uid:{uid}"
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    host = connection.getpeername()[0]
    return _wrapped(connection, address.credentials, server_side=True), str(host)


def _listen_unix(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        try:
            listener.bind(str(path))
        except OSError:
            if not path.is_socket() or _somebody_listens(path):
                raise
            path.unlink()
            listener.bind(str(path))
        # Whoever may enter the folder may knock; who may come in is decided by
        # the kernel's word for the peer.
        path.chmod(0o666)
        listener.listen(64)
    except OSError:
        listener.close()
        raise
    return listener


def _somebody_listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(str(path)) == 0


def _wrapped(plain: socket.socket, folder: Path, *, server_side: bool) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server_side else ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # the certificate itself is pinned below
    context.verify_mode = ssl.CERT_REQUIRED
    if server_side:
        context.num_tickets = 0  # a resumed session would not show the certificate again
    context.load_cert_chain(folder / "own.pem", folder / "own.key")
    context.load_verify_locations(folder / "peer.pem")
    try:
        connection = context.wrap_socket(plain, server_side=server_side)
    except ssl.SSLError as failure:
        plain.close()
        raise PeerRefused("the peer's certificate is not the one expected") from failure
    except OSError:
        plain.close()
        raise
    pinned = ssl.PEM_cert_to_DER_cert((folder / "peer.pem").read_text())
    if connection.getpeercert(binary_form=True) != pinned:
        connection.close()
        raise PeerRefused("the peer's certificate is not the one expected")
    return connection
