"""Running a peer's server for as long as it is measured."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.peers.installing import PeerMissing

_ADDRESS = "127.0.0.1"
_START_SECONDS = 60
_PAUSE = 0.05


def free_port() -> int:
    """Return a port of the loopback address that nobody uses now."""
    with socket.create_server((_ADDRESS, 0)) as opened:
        port: int = opened.getsockname()[1]
    return port


@contextmanager
def serving(
    command: Sequence[str],
    folder: Path,
    port: int,
    environment: Mapping[str, str],
    says: str | None = None,
) -> Iterator[None]:
    """Run `command` in `folder` until the block ends; raises `PeerMissing` if it never listens.

    It listens when it `says` so, or when it takes a connection: `openssl ocsp`
    never recovers from one on which nothing comes.
    """
    with running(command, folder, port, environment, says):
        yield


@contextmanager
def running(
    command: Sequence[str],
    folder: Path,
    port: int,
    environment: Mapping[str, str],
    says: str | None = None,
) -> Iterator[int]:
    """As `serving`, and yield the number of the process."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait(process, port, folder / "log", says)
            yield process.pid
        finally:
            process.terminate()
            process.wait(_START_SECONDS)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path, says: str | None) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if says is not None:
            if says in log.read_text(errors="replace"):
                return
        else:
            with suppress(OSError), socket.create_connection((_ADDRESS, port), timeout=1):
                return
        time.sleep(_PAUSE)
    raise PeerMissing(f"it did not start: {log.read_text(errors='replace')[-500:]}")
