"""`certgate signer` as an operator starts it."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.command import ROOT, certgate_command
from tests.support.server import Server

READY = "certgate signer: ready"
_SECONDS = 30


@dataclass
class SignerProcess:
    """A signer's own folder, and the process that serves it for a gateway."""

    data: Path
    gateway: Server
    _process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        """The setting that leads a gateway to it."""
        return f"unix:{self.data / 'signer.sock'}"

    def environment(self) -> dict[str, str]:
        """Return the gateway's settings, with the signer's own folder."""
        environment = {**self.gateway.environment(), "CERTGATE_DATA": str(self.data)}
        # It listens where it does by default.
        environment.pop("CERTGATE_SIGNER", None)
        return environment

    def start(self, *options: str) -> None:
        """Start and return when it is ready."""
        self._process = subprocess.Popen(
            [*certgate_command(), "signer", *options],
            cwd=ROOT,
            env={
                name: value
                for name, value in self.environment().items()
                if name != "CERTGATE_SIGNER"
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith(READY), line

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return how the process ended."""
        assert self._process is not None
        self._process.send_signal(number)
        status = self._process.wait(_SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None
        return status

    def stop_if_running(self) -> None:
        """Stop it however the test left it."""
        if self._process is not None:
            self.end()


@contextmanager
def signer_for(gateway: Server, data: Path) -> Iterator[SignerProcess]:
    """Yield a signer that is not started yet; it is stopped at the end."""
    signer = SignerProcess(data, gateway)
    try:
        yield signer
    finally:
        signer.stop_if_running()
