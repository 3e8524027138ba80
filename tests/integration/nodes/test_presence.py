"""A node that no longer counts is buried by the others (issue item 3)."""

from datetime import timedelta

import pytest

from foundation.database import Database
from gateway.nodes import Presence
from gateway.nodes.presence import SILENCE
from tests.support.clock import FakeClock

MOMENT = timedelta(seconds=5)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def node(database: Database, clock: FakeClock, name: str) -> Presence:
    return Presence(database, clock, executor_id=name, name=f"{name}.example")


def test_nodes_that_count_are_alive(database: Database, clock: FakeClock) -> None:
    first, second = node(database, clock, "first"), node(database, clock, "second")

    for _ in range(20):
        clock.advance(MOMENT)
        second.beat()
        assert first.beat() >= {"first", "second"}


def test_a_silent_node_is_buried_after_its_time_and_not_before(
    database: Database, clock: FakeClock
) -> None:
    first, second = node(database, clock, "first"), node(database, clock, "second")
    second.beat()
    first.beat()

    clock.advance(SILENCE - MOMENT)
    assert first.beat() == {"first", "second"}
    clock.advance(MOMENT)
    assert first.beat() == {"first"}


def test_an_observer_gives_a_node_its_whole_time_however_old_its_row_is(
    database: Database, clock: FakeClock
) -> None:
    """Two machines may disagree about the time by hours."""
    behind = Presence(
        database,
        FakeClock(clock.now() - timedelta(hours=9)),
        executor_id="behind",
        name="behind",
    )
    behind.beat()

    assert "behind" in node(database, clock, "first").beat()


def test_a_node_that_was_only_slow_enters_itself_again(
    database: Database, clock: FakeClock
) -> None:
    first, second = node(database, clock, "first"), node(database, clock, "second")
    second.beat()
    first.beat()
    clock.advance(SILENCE)
    first.beat()

    assert second.beat() == {"first", "second"}
    assert first.beat() == {"first", "second"}


def test_a_node_that_leaves_is_gone_at_once(database: Database, clock: FakeClock) -> None:
    first, second = node(database, clock, "first"), node(database, clock, "second")
    second.beat()
    first.beat()

    second.leave()

    assert first.beat() == {"first"}
