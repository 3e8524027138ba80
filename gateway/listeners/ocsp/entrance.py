"""Where OCSP's connections come in: accepted, read and answered many at a time.

asyncio has a task, a transport and several turns of its loop for each
connection, which is most of what a question costs that comes alone. Here all
sockets of the door stand in one selector, which the loop watches as one
descriptor. In each turn everything that has come is read first; then the
revocation epoch, once; then all of it is answered.
"""

import asyncio
import errno
import selectors
import socket
from collections.abc import Callable

import structlog
from uvicorn.server import ServerState

from gateway.listeners.draining import Drain
from gateway.listeners.ocsp.connection import EntranceConnection, Legacy
from gateway.listeners.ocsp.conversation import MOST_IN_A_ROW, Conversation
from gateway.listeners.ocsp.desk import OcspDesk
from gateway.listeners.ocsp.protocol import OcspHttpProtocol

_LOG = structlog.get_logger(__name__)

_IDLE_SECONDS = 30.0
# How much longer one may be idle than that, as a share of it.
_LOOKS_IN_IDLE_TIME = 6
# Of the 1,024 files that a process may usually open, logins need some.
_MOST_CONNECTIONS = 500
_MOST_ACCEPTED_IN_A_ROW = 64
_NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_NO_ROOM_SECONDS = 1.0

MakeProtocol = Callable[[], OcspHttpProtocol]


class OcspEntrance:
    """Serves the connections of one listening socket; lives in the event loop's thread."""

    def __init__(
        self, desk: OcspDesk, drain: Drain, state: ServerState, make_protocol: MakeProtocol
    ) -> None:
        """Connections are kept in `state`; `make_protocol` makes who takes the others over."""
        self._desk = desk
        self._drain = drain
        self._state = state
        self._make_protocol = make_protocol
        self._loop = asyncio.get_running_loop()
        self._selector = selectors.DefaultSelector()
        self._listening: socket.socket | None = None
        self._here: set[EntranceConnection] = set()
        self._handing_over: set[asyncio.Task[None]] = set()

    def open(self, listening: socket.socket, backlog: int) -> None:
        """Accept connections from now on; the socket is bound and stays the caller's."""
        listening.setblocking(False)
        listening.listen(backlog)
        # Accepted sockets have it from here.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._listening = listening
        self._selector.register(listening, selectors.EVENT_READ)
        # A selector of the kinds that select(2) has no part in is a descriptor itself.
        self._loop.add_reader(self._selector.fileno(), self._look)
        self._loop.call_later(_IDLE_SECONDS / _LOOKS_IN_IDLE_TIME, self._look_for_idle)

    def close(self) -> None:
        """Accept no more; those who are here are asked to leave by the server."""
        listening, self._listening = self._listening, None
        if listening is not None and listening in self._selector.get_map():
            self._selector.unregister(listening)
        self._end_with_the_last()

    def _look(self) -> None:
        asking: list[EntranceConnection] = []
        for key, _ in self._selector.select(0):
            connection: EntranceConnection | None = key.data
            if connection is None:
                self._accept(asking)
            elif connection.read():
                asking.append(connection)
        self._answer(asking)

    def _answer(self, asking: list[EntranceConnection]) -> None:
        under_this_epoch, epoch = 0, None
        for connection in asking:
            if under_this_epoch >= MOST_IN_A_ROW:
                under_this_epoch, epoch = 0, None
            if epoch is None:
                # After everything here had come (docs/decisions/0017-ocsp-caching.md).
                epoch = self._desk.epoch_at_hand()
            try:
                under_this_epoch += connection.conversation.answer(epoch)
            except Exception as failed:
                connection.abort()
                self._loop.call_exception_handler(
                    {"message": "an OCSP connection failed", "exception": failed}
                )

    def _accept(self, asking: list[EntranceConnection]) -> None:
        listening = self._listening
        assert listening is not None
        for _ in range(_MOST_ACCEPTED_IN_A_ROW):
            try:
                accepted, address = listening.accept()
            except OSError as failed:
                # What is not about room is about one connection, or there is none (accept(2)).
                if failed.errno in _NO_ROOM:
                    _LOG.error("no_room_for_connections", failure=errno.errorcode[failed.errno])
                    self._selector.unregister(listening)
                    self._loop.call_later(_NO_ROOM_SECONDS, self._accept_again)
                return
            if len(self._state.connections) >= _MOST_CONNECTIONS:
                accepted.close()
                continue
            connection = self._welcome(accepted, address[:2])
            # Whoever asks at once and once is answered without ever being watched for.
            if connection.read():
                asking.append(connection)
            else:
                connection.resume()

    def _accept_again(self) -> None:
        if self._listening is not None:
            self._selector.register(self._listening, selectors.EVENT_READ)

    def _welcome(self, accepted: socket.socket, client: tuple[str, int]) -> EntranceConnection:
        accepted.setblocking(False)
        connection = EntranceConnection(accepted, client, self._watch, self._hand_on)
        connection.conversation = Conversation(
            connection, self._desk, self._drain, self._state, self._loop
        )
        self._here.add(connection)
        self._state.connections.add(connection)  # type: ignore[arg-type]
        return connection

    def _watch(self, connection: EntranceConnection, watched: bool) -> None:
        if watched:
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)
        else:
            self._selector.unregister(connection.socket)

    def _hand_on(self, connection: EntranceConnection, legacy: Legacy | None) -> None:
        self._here.discard(connection)
        if legacy is None:
            self._state.connections.discard(connection)
            connection.socket.close()
            self._end_with_the_last()
        else:
            # Kept: the loop itself holds tasks weakly.
            task = self._loop.create_task(self._hand_over(connection, legacy))
            self._handing_over.add(task)
            task.add_done_callback(self._handing_over.discard)

    async def _hand_over(self, connection: EntranceConnection, legacy: Legacy) -> None:
        protocol = self._make_protocol()
        protocol.inherit(legacy)
        try:
            await self._loop.connect_accepted_socket(lambda: protocol, connection.socket)
        except OSError:
            connection.socket.close()
            return
        finally:
            # Until now the server knew it here.
            self._state.connections.discard(connection)
            self._end_with_the_last()
        if self._listening is None:
            protocol.shutdown()

    def _look_for_idle(self) -> None:
        limit = self._loop.time() - _IDLE_SECONDS
        for connection in list(self._here):
            conversation = connection.conversation
            if conversation.active_at < limit and not conversation.is_waiting:
                connection.abort()
        if self._listening is not None or self._here:
            self._loop.call_later(_IDLE_SECONDS / _LOOKS_IN_IDLE_TIME, self._look_for_idle)

    def _end_with_the_last(self) -> None:
        if self._listening is None and not self._here and self._selector.get_map() is not None:
            self._loop.remove_reader(self._selector.fileno())
            self._selector.close()
