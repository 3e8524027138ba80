"""uvicorn's server of one door among several in a process."""

import contextlib
from typing import Any

import uvicorn


class DoorServer(uvicorn.Server):
    """A server whose signals are handled once for all doors, by `servers.serve`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Capture none."""
        yield
