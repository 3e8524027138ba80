"""Other people's programs, as second opinions on what the CA makes."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Answer:
    """What a program said and how it ended."""

    status: int
    output: bytes
    errors: str

    @property
    def text(self) -> str:
        """The standard output as text."""
        return self.output.decode()

    @property
    def everything(self) -> str:
        """Both streams, readable whatever stands in them."""
        return self.output.decode(errors="replace") + self.errors


class ProgramFailed(AssertionError):
    """A program refused what the test expected it to take."""


def run(
    program: str,
    package: str,
    *arguments: str | Path,
    stdin: bytes = b"",
    folder: Path | None = None,
    seconds: float = 60,
) -> Answer:
    """Run a program and return its answer; raise `ProgramFailed` when it exits with an error."""
    answer = try_run(program, package, *arguments, stdin=stdin, folder=folder, seconds=seconds)
    if answer.status != 0:
        command = " ".join([program, *map(str, arguments)])
        raise ProgramFailed(f"{command}: {answer.status}\n{answer.everything}")
    return answer


def try_run(
    program: str,
    package: str,
    *arguments: str | Path,
    stdin: bytes = b"",
    folder: Path | None = None,
    seconds: float = 60,
) -> Answer:
    """Run a program and return its answer, whatever its exit status.

    Skips the test where the program is not installed; `package` is Debian's
    name for what to install.
    """
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed (apt-get install {package})")
    done = subprocess.run(
        [found, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        cwd=folder,
        timeout=seconds,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr.decode(errors="replace"))
