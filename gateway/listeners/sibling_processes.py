"""Further processes that serve a door of this one, so that more than one core answers.

Each listens at the same address with a socket of its own (SO_REUSEPORT): at one
socket of all, whoever wakes first would take all connections of a proxy. Each
holds one end of a line to this process and leaves when the other end is gone,
however that came about.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

import structlog

_LOOK_SECONDS = 1.0
_END_SECONDS = 15.0

_LOG = structlog.get_logger(__name__)
# Not forked: a child must share no connection, lock or thread with its parent.
_CONTEXT = multiprocessing.get_context("spawn")


class SiblingProcesses:
    """Keeps `count` processes running `work`; lives in the event loop of the serving process."""

    def __init__(self, count: int, work: Callable[..., None], *arguments: Any) -> None:
        """`work` gets `arguments` and ends at SIGTERM. It and they are pickled."""
        self._count = count
        self._work = work
        self._arguments = arguments
        self._running: list[tuple[SpawnProcess, Connection]] = []

    async def run(self) -> None:
        """Start them, start again what ends, and end them all when cancelled."""
        try:
            while True:
                await asyncio.to_thread(self._replace)
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            # Not in a thread: a thread that starts one may still be running.
            self._end()

    def _replace(self) -> None:
        for process, line in list(self._running):
            if not process.is_alive():
                _LOG.error("sibling_process_ended", exit_code=process.exitcode)
                line.close()
                self._running.remove((process, line))
        for _ in range(self._count - len(self._running)):
            theirs, ours = _CONTEXT.Pipe(duplex=False)
            process = _CONTEXT.Process(
                target=_run, args=(theirs, self._work, self._arguments), daemon=True
            )
            process.start()
            theirs.close()
            self._running.append((process, ours))

    def _end(self) -> None:
        for _, line in self._running:
            line.close()
        for process, _ in self._running:
            process.join(_END_SECONDS)
            if process.is_alive():
                process.kill()
                process.join()


def _run(line: Connection, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    threading.Thread(target=_leave_with_parent, args=(line,), daemon=True).start()
    work(*arguments)


def _leave_with_parent(line: Connection) -> None:
    try:
        line.recv()
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGTERM)
