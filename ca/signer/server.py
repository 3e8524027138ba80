"""The signer's door: one thread for each connection, few connections, and a drain."""

import logging
import socket
import threading
from collections.abc import Sequence

from ca.signer.address import Address, PeerRefused, UnixAddress, admit, listen
from ca.signer.desk import SigningDesk
from ca.signer.frames import receive_frame, send_frame
from ca.signer.messages import LONGEST_BODIES, Answer, NotUnderstood, read_request
from foundation.audit import Actor

_LOG = logging.getLogger(__name__)
# A gateway node keeps a handful; more at once are somebody else's.
_MOST_CONNECTIONS = 64
# A peer that begins a message and stays silent is let go of.
_IDLE_SECONDS = 600.0


class SignerServer:
    """Serves a desk at an address until it is stopped."""

    def __init__(self, desk: SigningDesk, address: Address, allowed_uids: Sequence[int]) -> None:
        """`allowed_uids` are the users who may connect to a Unix socket."""
        self._desk = desk
        self._address = address
        self._allowed_uids = tuple(allowed_uids)
        self._listener = listen(address)
        self._slots = threading.BoundedSemaphore(_MOST_CONNECTIONS)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._stopped = False

    @property
    def port(self) -> int:
        """Return the port of a TLS address, also when the system chose it."""
        port: int = self._listener.getsockname()[1]
        return port

    def serve(self) -> None:
        """Accept connections until `stop`, then wait for acts under way to end."""
        threads: list[threading.Thread] = []
        while (connection := self._accept()) is not None:
            if not self._slots.acquire(blocking=False):
                connection.close()
                continue
            thread = threading.Thread(target=self._attend, args=(connection,), daemon=True)
            threads = [each for each in threads if each.is_alive()] + [thread]
            thread.start()
        for thread in threads:
            thread.join(timeout=5)

    def stop(self) -> None:
        """Close the door; connections end after the act they are in."""
        self._stopped = True
        # Wakes `accept`, which closing alone does not.
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            _LOG.debug("the listener was not listening any more")
        self._listener.close()
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RD)
                except OSError:
                    continue
        if isinstance(self._address, UnixAddress):
            self._address.path.unlink(missing_ok=True)

    def _accept(self) -> socket.socket | None:
        try:
            return self._listener.accept()[0]
        except OSError:
            if self._stopped:
                return None
            raise

    def _attend(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(_IDLE_SECONDS)
            connection, peer = admit(connection, self._address, self._allowed_uids)
            with self._lock:
                self._open.add(connection)
            self._converse(connection, Actor("gateway", peer))
        except PeerRefused as refused:
            _LOG.warning("signer: %s", refused)
        except NotUnderstood as failure:
            _LOG.warning("signer: a message was not understood: %s", failure)
        except OSError:
            _LOG.debug("signer: a connection broke")
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()
            self._slots.release()

    def _converse(self, connection: socket.socket, by: Actor) -> None:
        while not self._stopped:
            frame = receive_frame(connection, _longest_body)
            if frame is None:
                return
            header, body = frame
            answer, octets = self._desk.answer(read_request(header), body, by)
            send_frame(connection, _spell(answer), octets)


def _longest_body(header: bytes) -> int:
    return LONGEST_BODIES[read_request(header).act]


def _spell(answer: Answer) -> bytes:
    return answer.model_dump_json().encode()
