"""Connections to a signer, kept open and used by one act at a time."""

import logging
import socket
import threading
import weakref

from ca.errors import SignerAway
from ca.signer.address import Address, PeerRefused, connect
from ca.signer.frames import receive_frame, send_frame
from ca.signer.messages import Answer, CreateKey, NotUnderstood, Request, read_answer

_LOG = logging.getLogger(__name__)
_CONNECT_SECONDS = 3.0
# A CRL of a million entries has to travel and to be parsed there.
_ACT_SECONDS = 30.0
_LONGEST_ANSWER = 65_536
_KEPT_IDLE = 8


class SignerConnections:
    """Asks a signer; safe for many threads."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._idle: list[socket.socket] = []
        self._lock = threading.Lock()
        # Whoever forgets to close them: a house is not closed, it is let go.
        weakref.finalize(self, _close, self._idle)

    def ask(self, request: Request, body: bytes = b"") -> tuple[Answer, bytes]:
        """Return answer and octets; raises `SignerAway` when the signer cannot be reached.

        An idle connection may have been closed meanwhile (the signer was
        restarted): then the act is tried once more on a new one. Every act may
        be repeated but the making of a key, which takes a new one from the
        start.
        """
        header = request.model_dump_json().encode()
        kept = None if isinstance(request, CreateKey) else self._take()
        if kept is not None:
            try:
                return self._converse(kept, header, body)
            except (OSError, NotUnderstood):
                kept.close()
        try:
            fresh = connect(self._address, _CONNECT_SECONDS)
        except (OSError, PeerRefused) as failure:
            _LOG.warning("the signer cannot be reached: %s", type(failure).__name__)
            raise SignerAway(request.key) from failure
        try:
            return self._converse(fresh, header, body)
        except (OSError, NotUnderstood) as failure:
            fresh.close()
            _LOG.warning("the signer did not answer: %s", type(failure).__name__)
            raise SignerAway(request.key) from failure

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            _close(self._idle)

    def _converse(
        self, connection: socket.socket, header: bytes, body: bytes
    ) -> tuple[Answer, bytes]:
        connection.settimeout(_ACT_SECONDS)
        send_frame(connection, header, body)
        frame = receive_frame(connection, lambda _: _LONGEST_ANSWER)
        if frame is None:
            raise NotUnderstood("the signer closed the connection")
        answer = read_answer(frame[0])
        self._give_back(connection)
        return answer, frame[1]

    def _take(self) -> socket.socket | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _give_back(self, connection: socket.socket) -> None:
        with self._lock:
            if len(self._idle) < _KEPT_IDLE:
                self._idle.append(connection)
                return
        connection.close()


def _close(connections: list[socket.socket]) -> None:
    for connection in connections:
        connection.close()
    connections.clear()
