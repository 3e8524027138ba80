"""Streams of one connection that remembers its proven token: each gets what it deserves.

`sess.proof` (gateway/edge/rendering/templates/token.cfg.j2) is shared by all
streams of a connection, so what one has proved must never speak for another.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.integration.edge.conftest import Scene
from tests.support.edge_client import ASSERTION, SECRET, Answered, Tokens
from tests.support.parallel_streams import ParallelStreams, parallel_streams

PATH = "/apps/statements/x"
ENDED = "43"
Jars = Mapping[str, dict[str, str]]
# Who comes to his application under which name; everybody else is refused, and why.
ADMITTED = {"good": "wh000123", "another session": "wh000456"}
REFUSED = {
    "no token": (401, "login-required"),
    "of another certificate": (403, "certificate-mismatch"),
    "session ended": (401, "login-required"),
    "expired": (401, "login-required"),
    "forged": (401, "login-required"),
    "another assertion": (401, "login-required"),
    "class not admitted": (403, "not-allowed"),
}


@pytest.fixture
def jars(scene: Scene) -> Jars:
    """Cookies of each kind, all beside the same certificate."""
    scene.edge.fill("denied-sessions", {ENDED: "ended"})
    tokens = scene.tokens
    ordinary: dict[str, Any] = {"class": "ordinary"}
    stranger = Tokens(tokens.issuer, scene.pki.issuing.issue("wh000999"))
    return {
        "good": tokens.cookies(),
        "another session": tokens.cookies(sub="wh000456", sid="44"),
        "no token": {},
        "of another certificate": stranger.cookies(sub="wh000999", sid="45"),
        "session ended": tokens.cookies(sid=ENDED),
        "expired": tokens.cookies(exp=1),
        "forged": tokens.cookies(secret=SECRET[::-1]),
        "another assertion": tokens.cookies(assertion=ASSERTION + "x"),
        "class not admitted": tokens.cookies(**ordinary),
    }


@pytest.fixture
def streams(scene: Scene) -> Iterator[ParallelStreams]:
    with parallel_streams(scene.client()) as connected:
        yield connected


def told(answer: Answered) -> str | tuple[int, str]:
    """Return as whom the application saw the asker, or why it did not see him."""
    if answer.status == 200:
        headers = dict(answer.document["headers"])
        assert "cookie" not in headers
        return str(headers["x-certgate-user"])
    return answer.status, str(answer.document["type"]).removeprefix("/problems/")


def test_each_stream_gets_what_it_deserves(jars: Jars, streams: ParallelStreams) -> None:
    """Whoever comes first, and whomever he comes after, on a cold and on a warm connection."""
    expected = ADMITTED | REFUSED
    names = list(jars)
    for turn in range(len(names)):
        # Each has each before it once, and the good one is between all of them.
        order = [name for one in names[turn:] + names[:turn] for name in ("good", one)]
        for each in (order, order[::-1]):
            answers = streams.ask(PATH, [jars[name] for name in each])

            assert [(name, told(answer)) for name, answer in zip(each, answers, strict=True)] == [
                (name, expected[name]) for name in each
            ]


def test_a_session_that_ends_ends_for_its_own_streams_alone(
    scene: Scene, jars: Jars, streams: ParallelStreams
) -> None:
    """The remembered proof among them: it is of whom was asked last."""
    both = [jars[name] for name in ADMITTED] * 5
    good = [jars["good"]] * 5
    assert [told(one) for one in streams.ask(PATH, both)] == [*ADMITTED.values()] * 5
    assert [told(one) for one in streams.ask(PATH, good)] == [ADMITTED["good"]] * 5

    scene.edge.fill("denied-sessions", {"42": "ended"})

    assert [told(one) for one in streams.ask(PATH, good)] == [REFUSED["session ended"]] * 5
    assert [told(one) for one in streams.ask(PATH, both)] == [
        REFUSED["session ended"],
        ADMITTED["another session"],
    ] * 5
