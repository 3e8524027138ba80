"""One HAProxy process, as its agent commands it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from gateway.edge.agent.errors import ProxyRefused
from gateway.edge.agent.runtime_socket import RuntimeSocket
from gateway.edge.files import EdgeFiles

# On one line, which has to fit HAProxy's buffer.
_AT_ONCE: Final = 50
_AGE_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_AGE = re.compile(r"(\d+)([smhd])")
_STREAM = re.compile(r"^(0x[0-9a-f]+): proto=\S+ src=(\S+) fe=(\S+) .*?\bage=(\S+) ")


@dataclass(frozen=True)
class ProxyIdentity:
    """Which process this is: another one knows nothing of what was told before."""

    pid: int
    started: int


@dataclass(frozen=True)
class LiveStream:
    """A request in flight, an upgraded connection or a stream of HTTP/2.

    `source` is the client's address and port; `age` is in whole seconds, rounded down.
    """

    pointer: str
    source: str
    age: int


class Proxy:
    """Typed commands. Everything raises `ProxyAway`, and `ProxyRefused` where it says no."""

    def __init__(self, socket: RuntimeSocket, files: EdgeFiles) -> None:
        self._socket = socket
        self._files = files

    def identity(self) -> ProxyIdentity:
        """Return which process answers."""
        answer = self._socket.ask("show", "info")
        facts = dict(line.partition(": ")[::2] for line in answer.splitlines())
        try:
            return ProxyIdentity(int(facts["Pid"]), int(facts["Start_time_sec"]))
        except (KeyError, ValueError) as unfit:
            raise ProxyRefused("show info", answer) from unfit

    def change(self, name: str, key: str, value: str) -> bool:
        """Let `key` have another value; return False when it is not there."""
        file = str(self._files.map(name))
        return not self._socket.ask("set", "map", file, key, value).strip()

    def add(self, name: str, entries: Iterable[tuple[str, str]], version: str = "") -> None:
        """Add entries; whether a key is there already is not asked."""
        words = ("add", "map", *([f"@{version}"] if version else []), str(self._files.map(name)))
        head = sum(len(word) + 1 for word in words) + len("<<\n\n")
        for lines in _fitting(entries, self._socket.room - head):
            self._socket.tell(*words, lines=lines)

    def drop(self, name: str, keys: Iterable[str]) -> None:
        """Take keys away; one that is not there is no mistake."""
        file = str(self._files.map(name))
        for some in _parts(keys):
            self._socket.ask_each(("del", "map", file, key) for key in some)

    def replace(self, name: str, entries: Iterable[tuple[str, str]]) -> None:
        """Make `entries` the whole content, at once when all of them have been read."""
        file = str(self._files.map(name))
        answer = self._socket.ask("prepare", "map", file)
        version = answer.rpartition(":")[2].strip()
        if not version.isdecimal():
            raise ProxyRefused("prepare map", answer)
        self.add(name, entries, version)
        self._socket.tell("commit", "map", f"@{version}", file)

    def entries(self, name: str) -> Mapping[str, str]:
        """Return the content of a map."""
        found: dict[str, str] = {}
        for line in self._socket.ask("show", "map", str(self._files.map(name))).splitlines():
            _, _, entry = line.partition(" ")
            key, _, value = entry.partition(" ")
            if key:
                found[key] = value
        return found

    def streams(self, frontend: str) -> Sequence[LiveStream]:
        """Return what is under way at one frontend; connections that wait for a request are not."""
        found = map(_STREAM.match, self._socket.ask("show", "sess").splitlines())
        return [
            LiveStream(match[1], match[2], _seconds(match[4]))
            for match in found
            if match is not None and match[3] == frontend
        ]

    def shut_down(self, pointers: Iterable[str]) -> None:
        """End streams; one that has ended by itself is no mistake."""
        for some in _parts(pointers):
            self._socket.ask_each(("shutdown", "session", pointer) for pointer in some)

    def replace_crls(self, pem: str) -> bool:
        """Let handshakes from now on be checked against `pem`; return False when it is too long."""
        file = str(self._files.crls)
        lines = [line for line in pem.splitlines() if line]
        if sum(map(len, lines)) + len(lines) + len(file) + 64 > self._socket.room:
            return False
        answer = self._socket.ask_with("set", "ssl", "crl-file", file, lines=lines)
        if "transaction created" not in answer.lower():
            raise ProxyRefused("set ssl crl-file", answer)
        answer = self._socket.ask("commit", "ssl", "crl-file", file)
        if "Success!" not in answer:
            self._socket.ask("abort", "ssl", "crl-file", file)
            raise ProxyRefused("commit ssl crl-file", answer)
        return True


def _fitting(entries: Iterable[tuple[str, str]], room: int) -> Iterator[list[str]]:
    """Yield lines, as many at once as there is room for."""
    lines: list[str] = []
    size = 0
    for key, value in entries:
        line = f"{key} {value}"
        if lines and size + len(line) + 1 > room:
            yield lines
            lines, size = [], 0
        lines.append(line)
        size += len(line) + 1
    if lines:
        yield lines


def _parts(words: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(words)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def _seconds(age: str) -> int:
    return sum(int(count) * _AGE_SECONDS[unit] for count, unit in _AGE.findall(age))
