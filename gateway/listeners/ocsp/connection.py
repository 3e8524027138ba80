"""A connection of the OCSP entrance: a socket without a transport, a task or a timer.

Answers fit into the socket's buffer. Where one does not, its client reads
slowly, and the connection goes on as any other connection of the HTTP server.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass

from gateway.listeners.ocsp.conversation import Conversation

_CHUNK = 65_536
_MOST_KEPT = 65_536


@dataclass(frozen=True, slots=True)
class Legacy:
    """What is left to do on a connection that is handed over."""

    unsent: bytes
    unread: bytes
    is_leaving: bool
    # Whose it is, host and port: a socket that the client has reset no longer tells.
    client: tuple[str, int]


class EntranceConnection:
    """The wire of one conversation; `conversation` is set once, right after it is made."""

    __slots__ = (
        "_client", "_hand_on", "_is_at_end", "_is_over", "_is_watched", "_unsent", "_watch",
        "conversation", "socket",
    )  # fmt: skip

    conversation: Conversation

    def __init__(
        self,
        accepted: socket.socket,
        client: tuple[str, int],
        watch: Callable[["EntranceConnection", bool], None],
        hand_on: Callable[["EntranceConnection", Legacy | None], None],
    ) -> None:
        """`watch` is told whether to have `read` called when octets come; not yet, at first.

        `hand_on` is called once, with None when the connection is over.
        """
        self.socket = accepted
        self._client = client
        self._watch = watch
        self._hand_on = hand_on
        self._unsent = b""
        self._is_watched = False
        self._is_at_end = False
        self._is_over = False

    # --- what the entrance calls

    def read(self) -> bool:
        """Take what has come; return whether there is something to answer."""
        if self._is_over:
            return False
        try:
            data = self.socket.recv(_CHUNK)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            self.abort()
            return False
        conversation = self.conversation
        if not data:
            # It may have closed its side only; an answer on its way still goes out.
            self._is_at_end = True
            self._be_watched(False)
            conversation.end()
            return False
        conversation.receive(data)
        if not conversation.is_busy:
            return True
        if conversation.kept_octets > _MOST_KEPT:
            self._be_watched(False)
        return False

    def abort(self) -> None:
        """Close now."""
        self._end(None)

    def shutdown(self) -> None:
        """Leave, as uvicorn asks its connections to."""
        self.conversation.leave()

    # --- what the conversation calls

    def write(self, octets: bytes) -> None:
        """Send, or keep for whoever takes the connection over."""
        if self._unsent:
            self._unsent += octets
            return
        try:
            sent = self.socket.send(octets)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            self.abort()
            return
        self._unsent = octets[sent:]

    def is_full(self) -> bool:
        """Return whether something could not be sent."""
        return bool(self._unsent)

    def relieve(self) -> None:
        """Leave it to somebody who can wait."""
        self.hand_over(self.conversation.take_kept())

    def pause(self) -> None:
        """Do nothing: `read` sees to it that not too much is kept."""

    def resume(self) -> None:
        """Have `read` called when more comes."""
        if not self._is_at_end and not self._is_over:
            self._be_watched(True)

    def is_closing(self) -> bool:
        """Return whether it is closed or handed over."""
        return self._is_over

    def close(self) -> None:
        """Close; what is unsent is left to somebody who can wait."""
        self._end(Legacy(self._unsent, b"", True, self._client) if self._unsent else None)

    def hand_over(self, octets: bytes) -> None:
        """Give the connection to the HTTP server."""
        self._end(Legacy(self._unsent, octets, False, self._client))

    def _be_watched(self, watched: bool) -> None:
        if watched is not self._is_watched:
            self._is_watched = watched
            self._watch(self, watched)

    def _end(self, legacy: Legacy | None) -> None:
        if self._is_over:
            return
        self._be_watched(False)
        self._is_over = True
        self._hand_on(self, legacy)
