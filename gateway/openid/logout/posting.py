"""Posting a logout token to the address that was registered for it.

The address is an administrator's word, and still no more than one POST goes
there: no redirect is followed, no proxy of the environment is used, nothing of
the answer but its status is read, and the whole of it has a deadline.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable
from urllib.parse import SplitResult, urlencode, urlsplit

DEADLINE_SECONDS = 10.0
Post = Callable[[str, str], None]


class NotDelivered(Exception):
    """The application did not take the token; says why in one word for the log."""


class LogoutPoster:
    """Speaks to applications over TLS, verified against the system's roots and our own."""

    def __init__(self, root_pem: str, *, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._deadline = deadline_seconds
        self._tls = ssl.create_default_context()
        # Applications of the house often have a certificate of the house.
        self._tls.load_verify_locations(cadata=root_pem)

    def post(self, registered_url: str, token: str) -> None:
        """POST ``logout_token=...``; raises `NotDelivered` unless the answer is 200 or 204."""
        parts = urlsplit(registered_url)
        connection = self._connection(parts)
        # A timeout of the socket bounds one read; an answer that drips has to end as well.
        is_late = threading.Event()
        timer = threading.Timer(self._deadline, _cut, [connection, is_late])
        timer.daemon = True
        timer.start()
        try:
            status = _exchange(connection, parts, token)
        except (OSError, http.client.HTTPException, ValueError) as failed:
            raise NotDelivered(type(failed).__name__) from failed
        finally:
            timer.cancel()
            connection.close()
        if is_late.is_set():
            # What was cut off in the middle of its headers may look whole.
            raise NotDelivered("late")
        if status not in {200, 204}:
            raise NotDelivered(f"status-{status}")

    def _connection(self, parts: SplitResult) -> http.client.HTTPConnection:
        host = parts.hostname or ""
        if parts.scheme == "https":
            return http.client.HTTPSConnection(
                host, parts.port, timeout=self._deadline, context=self._tls
            )
        return http.client.HTTPConnection(host, parts.port, timeout=self._deadline)


def _exchange(connection: http.client.HTTPConnection, parts: SplitResult, token: str) -> int:
    path = parts.path or "/"
    connection.request(
        "POST",
        f"{path}?{parts.query}" if parts.query else path,
        body=urlencode({"logout_token": token}),
        headers={
            "content-type": "application/x-www-form-urlencoded",
            "accept": "*/*",
            "connection": "close",
        },
    )
    return connection.getresponse().status


def _cut(connection: http.client.HTTPConnection, is_late: threading.Event) -> None:
    is_late.set()
    open_socket: socket.socket | None = connection.sock
    if open_socket is not None:
        try:
            open_socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            # It has ended by itself in this moment.
            return
