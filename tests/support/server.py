"""`certgate up` as an operator starts it: a process of its own, spoken to over the network."""

import json
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.command import (
    ROOT,
    certgate_command,
    clean_environment,
    run_here,
    run_process,
)
from tests.support.ports import Ports, free_ports

READY = "certgate: ready"
# Generous: a bound, not a measure; cores may be shared by many.
START_SECONDS = 180
DRAIN_SECONDS = 60


@dataclass
class Server:
    """A data folder, and the process that serves it."""

    data: Path
    ports: Ports
    settings: Mapping[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    # An interpreter for each command, as for an operator; slow.
    by_process: bool = False
    # What serves, and what it says when it does: a gateway, an edge's agent, a signer.
    command: tuple[str, ...] = ("up",)
    ready: str = READY
    _process: subprocess.Popen[str] | None = None
    _reader: threading.Thread | None = None
    _ready: threading.Event = field(default_factory=threading.Event)

    @property
    def pki(self) -> str:
        """The address of the PKI listener."""
        return f"http://localhost:{self.ports.pki}"

    @property
    def public(self) -> str:
        """The address of the public listener."""
        return f"https://localhost:{self.ports.public}"

    @property
    def portal(self) -> str:
        """The address of the listener that asks for a client certificate."""
        return f"https://localhost:{self.ports.portal}"

    @property
    def _name(self) -> str:
        return " ".join(("certgate", *self.command))

    @property
    def output(self) -> str:
        """What the process has said so far, both streams."""
        return "".join(self.lines)

    @property
    def pid(self) -> int:
        """The number of the serving process."""
        return self._running().pid

    def start(self, *options: str) -> None:
        """Run the command and return when it says that it serves."""
        self._ready.clear()
        process = subprocess.Popen(
            [*certgate_command(), *self.command, *options],
            cwd=ROOT,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self._process = process
        self._reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        self._reader.start()
        ready = self._ready.wait(START_SECONDS)
        if not self._reader.is_alive():
            process.wait(DRAIN_SECONDS)  # its output has ended, and so will it
        if not ready or process.poll() is not None:
            self.kill()
            raise AssertionError(f"{self._name} did not get ready:\n{self.output}")

    def stop(self) -> None:
        """Send SIGTERM and wait for the drain; raise when it does not end by itself, cleanly."""
        status = self._end(signal.SIGTERM)
        if status != 0:
            raise AssertionError(f"{self._name} ended with status {status}:\n{self.output}")

    def kill(self) -> None:
        """Pull the plug: SIGKILL, nothing is written any more."""
        self._end(signal.SIGKILL)

    def end(self, number: signal.Signals) -> None:
        """Send a signal and wait until it has ended by itself, with whatever status."""
        if self._end(number) == -signal.SIGKILL:
            raise AssertionError(f"{self._name} did not end by itself:\n{self.output}")

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def cli(self, *arguments: str, expect: int = 0) -> str:
        """Run a `certgate` command on the same data; return its standard output."""
        if self.by_process:
            ended = run_process(certgate_command(), arguments, self.environment())
        else:
            ended = run_here(arguments, self.environment())
        if ended.status != expect:
            raise AssertionError(
                f"certgate {' '.join(arguments)}: status {ended.status}, "
                f"expected {expect}\n{ended.errors}{ended.output}"
            )
        return ended.output

    def json(self, *arguments: str) -> Any:
        """Run a `certgate` command with `--json`; return the one document it prints."""
        return json.loads(self.cli(*arguments, "--json"))

    def environment(self) -> dict[str, str]:
        """Return the environment of the process; settings of the caller's shell do not leak in."""
        return {
            **clean_environment(),
            "CERTGATE_DATA": str(self.data),
            "CERTGATE_HOST": "localhost",
            "CERTGATE_BIND": "127.0.0.1",
            "CERTGATE_PKI_PORT": str(self.ports.pki),
            "CERTGATE_PUBLIC_PORT": str(self.ports.public),
            "CERTGATE_PORTAL_PORT": str(self.ports.portal),
            "CERTGATE_REVIEW_DELAY_SECONDS": "0",
            "PYTHONUNBUFFERED": "1",
            **self.settings,
        }

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                self.lines.append(line)
                if line.startswith(self.ready):
                    self._ready.set()
        # The end of the output ends the waiting too; start() then looks what happened.
        self._ready.set()

    def _end(self, number: signal.Signals) -> int:
        process = self._running()
        process.send_signal(number)
        try:
            status = process.wait(DRAIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        if self._reader is not None:
            self._reader.join(DRAIN_SECONDS)
        self._process = None
        return status

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise AssertionError(f"{self._name} is not running")
        return self._process


@contextmanager
def running_server(data: Path, *options: str, **settings: str) -> Iterator[Server]:
    """Serve `data` on free ports while the block runs; `settings` are `CERTGATE_*` variables."""
    server = Server(data, free_ports(), settings)
    server.start(*options)
    try:
        yield server
    finally:
        if server.is_running:
            server.stop()
