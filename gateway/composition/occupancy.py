"""Who is at work in a data folder: any number of servers, or one restore, never both."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foundation.errors import Conflict

_LOCK_FILE = "certgate.lock"


@contextmanager
def occupied(data: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold the folder, which is made when it is missing; raises `Conflict` when it is taken.

    The kernel lets go when the process ends, however it ends (flock(2)).
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(data / _LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError as taken:
        os.close(descriptor)
        raise Conflict("folder-occupied", folder=str(data)) from taken
    try:
        yield
    finally:
        os.close(descriptor)
