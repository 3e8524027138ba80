"""Programs in Java: each compiled once in a test process, since that takes longer than it runs."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from tests.support.programs import Answer, run, try_run

_PACKAGE = "default-jdk-headless"


def try_java(source: Path, *arguments: str | Path, folder: Path) -> Answer:
    """Run the class that a source file is named after, in `folder`."""
    return try_run(
        *("java", _PACKAGE),
        *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", _compiled(source)),
        *(source.stem, *arguments),
        folder=folder,
    )


@cache
def _compiled(source: Path) -> Path:
    classes = Path(tempfile.mkdtemp(prefix="certgate-java-"))
    atexit.register(shutil.rmtree, classes, ignore_errors=True)
    run("javac", _PACKAGE, "-d", classes, source)
    return classes
