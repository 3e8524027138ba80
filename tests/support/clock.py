"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

NEW_YEAR = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)


class FakeClock:
    """A `foundation.clock.Clock` whose time only `advance` and `set` change."""

    def __init__(self, start: datetime = NEW_YEAR) -> None:
        """Stand at `start`, which must be aware."""
        self._now = _in_utc(start)

    def now(self) -> datetime:
        """Return the same moment until it is moved."""
        return self._now

    def advance(self, delta: timedelta | None = None, **parts: float) -> datetime:
        """Move by `delta` or by keywords of `timedelta`, as `minutes=30`; return the new time."""
        self._now += delta if delta is not None else timedelta(**parts)
        return self._now

    def set(self, moment: datetime) -> None:
        """Jump to `moment`, forwards or backwards."""
        self._now = _in_utc(moment)


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a clock needs an aware datetime")
    return moment.astimezone(UTC)
