"""A CA that lives at the machine's own time, which other people's verifiers look at."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import uvicorn
from fastapi import FastAPI

from ca.pki_router import pki_router
from foundation.clock import SystemClock
from foundation.database import Database
from tests.support.clock import FakeClock
from tests.support.revocation import RevocableCa, make_revocable
from tests.support.schema import create_schema


@pytest.fixture(scope="module")
def revocable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RevocableCa]:
    """One CA for all tests of a file, whose certificates point at a listener on loopback."""
    folder = tmp_path_factory.mktemp("ca")
    url = f"sqlite:///{folder / 'certgate.db'}"
    create_schema(url)
    database = Database(url)
    now = SystemClock().now()
    clock = FakeClock(now - timedelta(hours=2))
    app = FastAPI()
    config = uvicorn.Config(app, port=0, log_level="error", ws="none")
    with config.bind_socket() as socket:
        port = socket.getsockname()[1]
        revocable = make_revocable(
            database, folder, clock=clock, pki_url=f"http://127.0.0.1:{port}"
        )
        clock.set(now)
        app.include_router(
            pki_router(
                database=database,
                responder=revocable.responder,
            )
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
        thread.start()
        yield revocable
        server.should_exit = True
        thread.join()
    database.dispose()
