"""The sample application (docs/examples/statements), served as its page says."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.command import ROOT

_SECONDS = 30


@dataclass
class SampleApplication:
    """A process of uvicorn, and what it logs."""

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def output(self) -> str:
        """What it has said so far."""
        return self.log.read_text(encoding="utf-8")

    def wait(self) -> None:
        """Return when it can be connected to."""
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), _SECONDS).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"the sample application did not start:\n{self.output}")


@contextmanager
def sample_application(
    folder: Path, port: int, portal: str, host: str
) -> Iterator[SampleApplication]:
    """Start it; `folder` has the root as `root.pem`. It need not be up yet: see `wait`."""
    log = folder / "sample.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "uvicorn", "--app-dir", "docs/examples", "--factory"),
                *("statements.app:from_environment", "--port", str(port), "--no-proxy-headers"),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "STATEMENTS_PORTAL": portal,
                "STATEMENTS_HOST": host,
                "STATEMENTS_CA": str(folder / "root.pem"),
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield SampleApplication(port, log, process)
    finally:
        process.kill()
        process.wait(_SECONDS)
