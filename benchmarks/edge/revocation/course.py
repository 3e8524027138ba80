"""One revocation, watched from outside."""

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.edge_agent import Post, Town
from tests.support.edge_client import ask_on
from tests.support.open_transfers import Kind, Transfer, open_transfer

_LONGEST_SECONDS = 20.0


@dataclass(frozen=True)
class Course:
    """Milliseconds after the commit; `closed` is None where nothing was under way."""

    kind: Kind
    act: float
    refused: float
    closed: float | None


def watch_revocation(town: Town, post: Post, kind: Kind) -> Course:
    """Revoke a unit that has something of `kind` open; return when it was felt."""
    holder = town.holder(post)
    transfer = open_transfer(holder, kind)
    closing = _Closing(transfer)
    if kind != "keep-alive":
        closing.start()
    cookies = holder.cookies()
    connection = holder.client.connect()
    ask_on(connection, "/apps/app/x", cookies=cookies)
    refusing = _Refusing(lambda: ask_on(connection, "/apps/app/x", cookies=cookies).status)
    refusing.start()

    began = time.perf_counter()
    town.ca.revoke(holder.serial_number)
    committed = time.perf_counter()

    refusing.join(_LONGEST_SECONDS)
    connection.close()
    if kind == "keep-alive":
        transfer.connection.close()
        closed = None
    else:
        closing.join(_LONGEST_SECONDS)
        closed = (closing.at - committed) * 1000
    return Course(
        kind, (committed - began) * 1000, max(0.0, (refusing.at - committed) * 1000), closed
    )


class _Closing(threading.Thread):
    """Waits for the end of something open."""

    def __init__(self, transfer: Transfer) -> None:
        super().__init__(daemon=True)
        self._transfer = transfer
        self.at = float("inf")

    def run(self) -> None:
        if self._transfer.wait_until_closed():
            self.at = time.perf_counter()


class _Refusing(threading.Thread):
    """Asks again and again on a connection that is kept alive, until it is refused."""

    def __init__(self, ask: Callable[[], int]) -> None:
        super().__init__(daemon=True)
        self._ask = ask
        self.at = float("inf")

    def run(self) -> None:
        while True:
            try:
                is_refused = self._ask() != 200
            except (OSError, http.client.HTTPException):
                is_refused = True
            if is_refused:
                self.at = time.perf_counter()
                return
            time.sleep(0.001)
