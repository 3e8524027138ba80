"""A flood of wrong passwords waits for itself: not an officer for it, nor anybody else."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from gateway.edge.rendering.limits import Limits
from tests.integration.edge.conftest import Scene

LIMITS = Limits()
HELD = {"X-Test-Wait": "1"}


@pytest.fixture
def flood(scene: Scene) -> Iterator[list[threading.Thread]]:
    """Twice as many logins as a node takes at once, none of which is answered."""
    scene.node.release.clear()
    client = scene.client()
    client.ask("/login")
    threads = [
        threading.Thread(target=lambda: client.ask("/login", "POST", body=b"p=x", headers=HELD))
        for _ in range(2 * LIMITS.node_attempts)
    ]
    for thread in threads:
        thread.start()
    for _ in range(LIMITS.node_attempts):
        assert scene.node.waiting.acquire(timeout=20)
    yield threads
    scene.node.release.set()
    for thread in threads:
        thread.join(20)


def test_the_node_has_no_more_logins_than_its_lane_is_wide(
    scene: Scene, flood: list[threading.Thread]
) -> None:
    """The others wait in the edge, and cost the node nothing."""
    assert not scene.node.waiting.acquire(timeout=0.2)


def test_an_officer_revokes_during_the_flood(scene: Scene, flood: list[threading.Thread]) -> None:
    officer = scene.tokens.cookies(kind="officer", roles=",security_officer,")

    answer = scene.client().ask(
        "/api/v1/certificates/1A/revoke", "POST", body=b"{}", cookies=officer
    )

    assert answer.status == 200
    assert lane_of(scene, "/api/v1/certificates/1A/revoke") == "nodes-officers"


def test_a_unit_works_during_the_flood(scene: Scene, flood: list[threading.Thread]) -> None:
    assert scene.client().ask("/tasks", cookies=scene.tokens.cookies()).status == 200
    assert lane_of(scene, "/tasks") == "nodes"


def test_the_flood_gets_through_once_there_is_room(
    scene: Scene, flood: list[threading.Thread]
) -> None:
    before = len(scene.node.asked)
    scene.node.release.set()
    for thread in flood:
        thread.join(20)

    assert len(scene.node.asked) >= before + LIMITS.node_attempts


def test_slow_bodies_take_nobodys_place(scene: Scene) -> None:
    """A login whose body does not come waits at the edge, and another one goes past it."""
    before = len(scene.node.asked)
    head = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx"
    with ExitStack() as slow:
        for _ in range(2 * LIMITS.node_attempts):
            connection = scene.client().connect()
            slow.callback(connection.close)
            assert connection.sock is not None
            connection.sock.sendall(head)

        assert scene.client().ask("/login", "POST", body=b"p=x").status == 200

        assert len(scene.node.asked) == before + 1


@pytest.mark.parametrize("kind", ["unit", "person"])
def test_nobody_else_gets_into_the_officers_lane(scene: Scene, kind: str) -> None:
    path = f"/security/{kind}"

    scene.client().ask(path, cookies=scene.tokens.cookies(kind=kind))
    scene.client().ask(f"{path}/forged", cookies=scene.tokens.cookies(kind="officer", exp=1))

    assert lane_of(scene, path) == lane_of(scene, f"{path}/forged") == "nodes"


def test_whoever_tries_too_often_is_told_to_wait(scene: Scene) -> None:
    public = replace(scene.client(bare=True), port=scene.edge.ports.public)
    most = LIMITS.attempts_of_address
    count = f"set table attempts key ::ffff:127.0.0.1 data.http_req_rate {most - 1}"
    assert not scene.edge.command(count).strip()

    answers = [public.ask("/pickup", "POST", body=b"serial_number=1") for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 429]
    assert answers[-1].headers["retry-after"] == "60"
    assert public.ask("/pickup").status == 200
    # A login of somebody else's users is no guess: the application proves itself by a key.
    assert public.ask("/openid/token", "POST", body=b"code=1").status == 200
    scene.edge.command("clear table attempts")


def lane_of(scene: Scene, path: str) -> str:
    """Return which lane the last request for `path` took."""
    line = scene.edge.logged_where(lambda line: line["path"] == path)
    return str(line["lane"])
