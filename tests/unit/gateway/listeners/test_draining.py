"""Leaving without a failed request (issue item 3)."""

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from gateway.listeners.draining import Drain


class Timers:
    """An event loop's `call_later` that a test fires by hand."""

    def __init__(self) -> None:
        self.waiting: list[float] = []

    def call_later(self, seconds: float, act: object) -> None:
        self.waiting.append(seconds)


@pytest.fixture
def ended() -> list[str]:
    return []


def test_a_drain_waits_before_it_ends(ended: list[str]) -> None:
    drain, timers = Drain(3), Timers()

    drain.begin(timers.call_later, lambda: ended.append("ended"))

    assert (drain.is_draining, timers.waiting, ended) == (True, [3], [])


def test_a_second_signal_ends_the_waiting(ended: list[str]) -> None:
    drain, timers = Drain(3), Timers()

    drain.begin(timers.call_later, lambda: ended.append("later"))
    drain.begin(timers.call_later, lambda: ended.append("now"))

    assert (timers.waiting, ended) == ([3], ["now"])


def test_without_anybody_to_notice_it_ends_at_once(ended: list[str]) -> None:
    drain, timers = Drain(0), Timers()

    drain.begin(timers.call_later, lambda: ended.append("ended"))

    assert (drain.is_draining, timers.waiting, ended) == (True, [], ["ended"])


def test_answers_close_their_connections_from_then_on() -> None:
    drain = Drain(3)
    client = TestClient(drain.around(PlainTextResponse("here")))

    before = client.get("/").headers.get("connection")
    drain.begin(Timers().call_later, lambda: None)
    after = client.get("/").headers.get("connection")

    assert (before, after) == (None, "close")
