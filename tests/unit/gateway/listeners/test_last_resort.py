"""A process that cannot end is ended; one that can is left alone."""

import threading

from gateway.listeners.last_resort import ended_within

WAIT_SECONDS = 20


def test_what_does_not_end_is_given_up() -> None:
    ended = threading.Event()
    statuses: list[int] = []

    def end(status: int) -> None:
        statuses.append(status)
        ended.set()

    with ended_within(0.01, end):
        assert ended.wait(WAIT_SECONDS)

    assert statuses == [75]


def test_what_ends_by_itself_is_not() -> None:
    before = set(threading.enumerate())
    with ended_within(WAIT_SECONDS, lambda _: None):
        (timer,) = set(threading.enumerate()) - before
        assert timer.daemon
    timer.join(WAIT_SECONDS / 2)

    assert not timer.is_alive()
