"""The epoch as it is now, on a connection of its own, on both databases."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from ca.epoch import advance_epoch
from ca.ocsp import FreshEpoch
from ca.ocsp.freshness import Tell
from foundation.database import Database
from tests.support.revocation import RevocableCa


@pytest.fixture
def epochs(revocable: RevocableCa) -> Iterator[FreshEpoch]:
    epochs = FreshEpoch(revocable.database)
    yield epochs
    epochs.close()


def _advance(database: Database) -> int:
    elsewhere = Database(database.url)
    with elsewhere.writing() as session:
        epoch = advance_epoch(session)
    elsewhere.dispose()
    return epoch


def test_each_reading_sees_what_was_committed_elsewhere(
    revocable: RevocableCa, epochs: FreshEpoch
) -> None:
    for _ in range(5):
        expected = _advance(revocable.database)
        if epochs.is_at_hand:
            assert epochs.at_hand() == expected
        assert asyncio.run(_ask(epochs, 1)) == [expected]


def test_it_is_at_hand_where_reading_is_no_round_trip(
    revocable: RevocableCa, epochs: FreshEpoch
) -> None:
    assert epochs.is_at_hand == revocable.database.is_sqlite
    assert (epochs.at_hand() is not None) == revocable.database.is_sqlite


def test_those_who_come_during_a_reading_share_the_next(
    revocable: RevocableCa, epochs: FreshEpoch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that had begun before they came could be too old for them."""
    readings: list[int | None] = []
    real = epochs._end

    def counted(epoch: int | None, askers: list[Tell]) -> None:
        readings.append(epoch)
        real(epoch, askers)

    monkeypatch.setattr(epochs, "_end", counted)

    async def ask() -> tuple[list[int | None], list[int | None], int]:
        before = asyncio.create_task(_ask(epochs, 20))
        for _ in range(2):  # it asks, and the reading begins
            await asyncio.sleep(0)
        assert not before.done()
        during = asyncio.create_task(_ask(epochs, 20))
        await asyncio.sleep(0)
        present = _advance(revocable.database)
        return await before, await during, present

    before, during, present = asyncio.run(ask())
    assert len(readings) == 2
    assert before == [readings[0]] * 20
    assert during == [present] * 20


def test_no_transaction_stays_open(revocable: RevocableCa, epochs: FreshEpoch) -> None:
    """An open one would see the past for ever, and on SQLite keep the log from shrinking."""
    epochs.at_hand()
    epochs._read_or_none()
    for _ in range(3):
        _advance(revocable.database)
    with revocable.database.engine.connect() as connection:
        if revocable.database.is_sqlite:
            busy, log, done = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
            assert (busy, log, done) == (0, 0, 0)
        else:
            idle = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
            assert connection.scalar(text(idle)) == 0


def test_a_connection_that_was_cut_is_opened_again(
    revocable: RevocableCa, epochs: FreshEpoch
) -> None:
    assert epochs._read_or_none() is not None
    _cut_connections(revocable.database)
    expected = _advance(revocable.database)
    assert asyncio.run(_ask(epochs, 1)) == [expected]


def test_a_connection_that_is_cut_between_two_questions_is_opened_again(
    revocable: RevocableCa, epochs: FreshEpoch
) -> None:
    async def ask_around_a_cut() -> None:
        for _ in range(3):
            expected = _advance(revocable.database)
            assert await _ask(epochs, 2) == [expected] * 2
            _cut_connections(revocable.database)
        # Noticed while nobody asks.
        await asyncio.sleep(0)
        assert await _ask(epochs, 1) == [expected]

    asyncio.run(ask_around_a_cut())


def test_without_a_database_there_is_no_epoch() -> None:
    epochs = FreshEpoch(Database("sqlite:////nonexistent/certgate.db"))
    assert epochs.at_hand() is None
    assert asyncio.run(_ask(epochs, 3)) == [None, None, None]
    epochs.close()


async def _ask(epochs: FreshEpoch, times: int) -> list[int | None]:
    loop = asyncio.get_running_loop()
    told: list[asyncio.Future[int | None]] = [loop.create_future() for _ in range(times)]
    for one in told:
        epochs.ask(one.set_result)
    async with asyncio.timeout(20):
        return await asyncio.gather(*told)


def _cut_connections(database: Database) -> None:
    if database.is_sqlite:
        return  # there is no server that could
    with database.engine.connect() as connection:
        others = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
        connection.execute(text(others))
