r"""HAProxy's runtime socket: one command for each connection (management guide, section 9.3).

A command ends at the line's end and a payload at an empty line. A semicolon
begins another command and a backslash quotes, so that a value with any of
these would be more than a value: whatever is written is held to plain
characters first, and the caller's mistake is a `ValueError`.
"""

import re
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from gateway.edge.agent.errors import ProxyAway, ProxyRefused

# A command with its payload must fit one buffer of HAProxy (tune.bufsize, 16,384 unless
# set) with room to spare; the connection is cut, without a word, when it does not.
SMALLEST_BUFFER: Final = 16_384
_SPARE = 384
_LARGEST_ANSWER = 256 * 1024 * 1024
_WORD = re.compile(r"[A-Za-z0-9._:/@,=+%-][A-Za-z0-9._:/@,=+%#-]*")
_LINE = re.compile(r"[A-Za-z0-9._:/@,=+%-][A-Za-z0-9._:/@,=+% -]*")


def plain_word(text: str) -> str:
    """Return `text` if it is one harmless word; raises `ValueError`."""
    if _WORD.fullmatch(text) is None:
        raise ValueError("not a word that can be written to HAProxy")
    return text


class RuntimeSocket:
    """Asks and returns the answer. Safe for one thread at a time."""

    def __init__(
        self, path: Path, *, seconds: float = 10.0, buffer: int = SMALLEST_BUFFER, prefix: str = ""
    ) -> None:
        """Speak on the Unix socket `path`, to give up after `seconds` without an octet.

        `buffer` is HAProxy's tune.bufsize. `prefix` is for a master's socket: which of its
        processes is spoken to, as ``@!1234``.
        """
        self._path = path
        self._seconds = seconds
        self._prefix = prefix
        self.room = buffer - _SPARE

    def ask(self, *words: str) -> str:
        """Return what HAProxy answers to one command. Raises `ProxyAway`."""
        return self._exchange(" ".join(map(plain_word, words)) + "\n")

    def ask_each(self, commands: Iterable[tuple[str, ...]]) -> str:
        """Give several commands on one line; return the answers, one after the other."""
        return self._exchange(
            "; ".join(" ".join(map(plain_word, words)) for words in commands) + "\n"
        )

    def tell(self, *words: str, lines: Iterable[str] = ()) -> None:
        """Give a command that answers nothing when it was done.

        With `lines` as its payload. Raises `ProxyRefused` for any answer, `ProxyAway`.
        """
        answer = self.ask_with(*words, lines=lines) if lines else self.ask(*words)
        if answer.strip():
            raise ProxyRefused(" ".join(words), answer)

    def ask_with(self, *words: str, lines: Iterable[str]) -> str:
        """Return the answer to a command with a payload.

        Raises `ValueError` when it does not fit HAProxy's buffer: see `room`.
        """
        command = " ".join(map(plain_word, words))
        payload = "".join(f"{_plain_line(line)}\n" for line in lines)
        text = f"{command} <<\n{payload}\n"
        if len(text) > self.room:
            raise ValueError("the payload does not fit HAProxy's buffer")
        return self._exchange(text)

    def _exchange(self, text: str) -> str:
        received = bytearray()
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(self._seconds)
                connection.connect(str(self._path))
                connection.sendall((f"{self._prefix} " if self._prefix else "").encode())
                connection.sendall(text.encode("ascii"))
                if self._prefix:
                    # A master keeps the connection open for more commands otherwise.
                    connection.shutdown(socket.SHUT_WR)
                while data := connection.recv(262_144):
                    received += data
                    if len(received) > _LARGEST_ANSWER:
                        raise ProxyAway
        except OSError as failed:
            raise ProxyAway from failed
        if not received:
            # Every answer has an empty line at least.
            raise ProxyAway
        return received.decode("utf-8", "replace")


def _plain_line(text: str) -> str:
    if _LINE.fullmatch(text) is None:
        raise ValueError("not a line that can be written to HAProxy")
    return text
