"""A CA that lives at the machine's own time and answers on loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from ca.crl import CrlRules
from ca.keys import KeyAlgorithm
from ca.pki_router import pki_router
from foundation.clock import SystemClock
from foundation.database import Database
from tests.support.clock import FakeClock
from tests.support.revocation import RULES, RevocableCa, make_revocable
from tests.support.schema import create_schema


@contextmanager
def living_ca(
    folder: Path,
    *,
    rules: CrlRules = RULES,
    algorithm: KeyAlgorithm = "ecdsa-p256",
    answers: bool = True,
) -> Iterator[RevocableCa]:
    """Make a CA whose certificates point at a listener that serves while the block runs.

    Unless `answers`, nobody is there.
    """
    url = f"sqlite:///{folder / 'certgate.db'}"
    create_schema(url)
    database = Database(url)
    now = SystemClock().now()
    clock = FakeClock(now - timedelta(hours=2))
    app = FastAPI()
    config = uvicorn.Config(app, port=0, log_level="error", ws="none")
    with config.bind_socket() as socket:
        pki_url = f"http://127.0.0.1:{socket.getsockname()[1]}"
        revocable = make_revocable(
            database, folder, clock=clock, pki_url=pki_url, rules=rules, algorithm=algorithm
        )
        clock.set(now)
        app.include_router(pki_router(database=database, responder=revocable.responder))
        if answers:
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
            thread.start()
        yield revocable
        if answers:
            server.should_exit = True
            thread.join()
    database.dispose()
