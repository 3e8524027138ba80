"""The watch asks when the epoch has moved or it is woken, and never gives up."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.listeners import standing_watch
from gateway.listeners.connections import OpenConnections
from gateway.listeners.standing_watch import StandingWatch
from tests.unit.gateway.listeners.transports import GOOD, FakeTransport, digest_of, tls


class Database:
    """Counts what it is asked, and fails when told to."""

    def __init__(self) -> None:
        self.epoch = 0
        self.fallen: set[str] = set()
        self.reads = 0
        self.searches: list[frozenset[str]] = []
        self.fails_to_read = False
        self.fails_to_search = False

    def read_epoch(self) -> int:
        self.reads += 1
        if self.fails_to_read:
            raise ConnectionError("away")
        return self.epoch

    def find_fallen(self, digests: Iterable[str]) -> frozenset[str]:
        self.searches.append(frozenset(digests))
        if self.fails_to_search:
            raise ConnectionError("away")
        return frozenset(self.fallen)


Act = Callable[[StandingWatch], Coroutine[Any, Any, None]]


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def connections() -> OpenConnections:
    return OpenConnections()


@pytest.fixture
def transport(connections: OpenConnections) -> FakeTransport:
    transport = FakeTransport()
    connections.opened(transport, tls(GOOD))
    return transport


def run(connections: OpenConnections, database: Database, act: Act) -> list[Any]:
    """Run the watch while `act` runs; return what was logged."""

    async def both() -> None:
        watch = StandingWatch(connections, database.read_epoch, database.find_fallen)
        watching = asyncio.create_task(watch.run())
        await act(watch)
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching

    with capture_logs() as logs:
        asyncio.run(asyncio.wait_for(both(), 20))
    return list(logs)


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 - what it waits for happens in other threads
        await asyncio.sleep(0.01)


def test_it_searches_only_when_the_epoch_has_moved(
    connections: OpenConnections, database: Database, transport: FakeTransport
) -> None:
    async def act(_: StandingWatch) -> None:
        await until(lambda: database.reads >= 3)
        assert len(database.searches) == 1
        database.epoch = 1
        await until(lambda: database.reads >= 6)

    run(connections, database, act)

    assert database.searches == [{digest_of(GOOD)}] * 2
    assert not transport.aborted


def test_it_asks_nothing_while_nobody_is_connected(
    connections: OpenConnections, database: Database
) -> None:
    async def act(_: StandingWatch) -> None:
        await until(lambda: database.reads >= 2)

    run(connections, database, act)

    assert database.searches == []


def test_it_cuts_what_has_fallen_and_says_so(
    connections: OpenConnections, database: Database, transport: FakeTransport
) -> None:
    database.fallen.add(digest_of(GOOD))

    async def act(_: StandingWatch) -> None:
        await until(lambda: transport.aborted)

    logs = run(connections, database, act)

    assert logs == [
        {
            "event": "connections_cut",
            "log_level": "info",
            "certificate_sha256": digest_of(GOOD),
            "count": 1,
        }
    ]


@pytest.mark.parametrize("failing", ["fails_to_read", "fails_to_search"])
def test_a_failing_database_is_asked_again_and_the_fallen_are_cut_then(
    connections: OpenConnections, database: Database, transport: FakeTransport, failing: str
) -> None:
    database.fallen.add(digest_of(GOOD))
    setattr(database, failing, True)

    async def act(_: StandingWatch) -> None:
        await until(lambda: database.reads >= 3)
        assert not transport.aborted
        setattr(database, failing, False)
        await until(lambda: transport.aborted)

    logs = run(connections, database, act)

    assert [log["event"] for log in logs[:2]] == ["standing_watch_failed"] * 2


def test_waking_it_makes_it_look_at_once(
    connections: OpenConnections,
    database: Database,
    transport: FakeTransport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(standing_watch, "_POLL_SECONDS", 3_600)

    async def act(watch: StandingWatch) -> None:
        await until(lambda: database.searches != [])
        database.fallen.add(digest_of(GOOD))
        database.epoch = 1
        # From another thread, as a revocation in the thread pool does.
        while not transport.aborted:
            threading.Thread(target=watch.wake).start()
            await asyncio.sleep(0.05)

    run(connections, database, act)

    assert transport.aborted


def test_waking_it_before_it_runs_does_nothing(
    connections: OpenConnections, database: Database
) -> None:
    StandingWatch(connections, database.read_epoch, database.find_fallen).wake()

    assert database.reads == 0


def test_while_acts_are_announced_it_looks_seldom(
    connections: OpenConnections, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing_watch, "_POLL_SECONDS", 3_600)
    monkeypatch.setattr(standing_watch, "_ANNOUNCED_POLL_SECONDS", 0)

    async def act() -> None:
        watch = StandingWatch(connections, database.read_epoch, database.find_fallen, lambda: True)
        watching = asyncio.create_task(watch.run())
        await until(lambda: database.reads >= 3)
        watching.cancel()

    asyncio.run(asyncio.wait_for(act(), 20))
