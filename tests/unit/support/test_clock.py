from datetime import UTC, datetime, timedelta, timezone

import pytest

from foundation.clock import Clock
from tests.support.clock import FakeClock


def test_stands_still_until_it_is_moved() -> None:
    clock: Clock = FakeClock()

    assert clock.now() == clock.now()


def test_advances_by_parts_and_by_a_delta() -> None:
    clock = FakeClock(datetime(2027, 1, 1, tzinfo=UTC))

    clock.advance(minutes=30)
    clock.advance(timedelta(days=1))

    assert clock.now() == datetime(2027, 1, 2, 0, 30, tzinfo=UTC)


def test_answers_in_utc_whatever_it_was_set_to() -> None:
    clock = FakeClock()

    clock.set(datetime(2027, 1, 1, 8, tzinfo=timezone(timedelta(hours=8))))

    assert clock.now().tzinfo is UTC
    assert clock.now() == datetime(2027, 1, 1, tzinfo=UTC)


def test_refuses_a_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        FakeClock(datetime(2027, 1, 1))  # noqa: DTZ001 - the point of the test
