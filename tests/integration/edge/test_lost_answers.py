"""What HAProxy says by itself: of an answer that never came, of a lane without a node."""

from collections.abc import Mapping

import pytest

from tests.integration.edge.conftest import Scene
from tests.support.edge_client import Answered

HTML, JSON = "text/html; charset=utf-8", "application/problem+json"
HANG_UP = {"X-Test-Hang-Up": "1"}
TITLES = ("这一步的结果未知", "Nobody can say whether it was done")
ASKED: list[tuple[str, str, dict[str, str], str]] = [
    ("POST", "/api/v1/tasks", {}, JSON),
    ("GET", "/api/v1/tasks", {"Accept": "text/html"}, JSON),
    ("POST", "/tasks", {"Accept": "application/json"}, JSON),
    ("POST", "/tasks", {}, HTML),
    ("GET", "/tasks", {"Accept": "text/html,application/json"}, HTML),
    ("POST", "/apps/statements/x", {"Accept": "application/json"}, JSON),
    ("POST", "/apps/statements/x", {}, HTML),
]


def ask(scene: Scene, method: str, path: str, headers: Mapping[str, str]) -> Answered:
    body = b"" if method == "POST" else None
    cookies = scene.tokens.cookies()
    return scene.client().ask(path, method, headers=headers, body=body, cookies=cookies)


@pytest.mark.parametrize(("method", "path", "headers", "form"), ASKED)
def test_a_lost_answer_is_told_as_one(
    scene: Scene, method: str, path: str, headers: dict[str, str], form: str
) -> None:
    """It may have been done: neither repeated by the edge nor called a failure."""
    upstream = scene.application if path.startswith("/apps/") else scene.node
    before = len(upstream.asked)

    answer = ask(scene, method, path, headers | HANG_UP)

    assert (answer.status, answer.headers["content-type"]) == (502, form)
    assert answer.headers["cache-control"] == "no-store"
    assert scene.edge.logged(answer.request_id)["status"] == 502
    told = answer.body.decode()
    assert answer.request_id in told
    for title in TITLES:
        assert title in told
    if form == JSON:
        assert answer.document["type"] == "/problems/answer-lost"
        assert answer.document["status"] == 502
        assert answer.document["request_id"] == answer.request_id
    # What only reads is asked of others too; what acts reaches one node once.
    assert len(upstream.asked) - before == (3 if method == "GET" else 1)


def test_a_lane_without_a_node_says_when_to_come_again(scene: Scene) -> None:
    scene.edge.command("set server nodes-login/node-1 state maint")
    try:
        answer = ask(scene, "POST", "/api/v1/session", {})
    finally:
        scene.edge.command("set server nodes-login/node-1 state ready")

    assert (answer.status, answer.headers["content-type"]) == (503, JSON)
    assert answer.document["type"] == "/problems/unavailable"
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("status", [400, 502, 503])
def test_what_an_application_says_itself_is_passed_on(scene: Scene, status: int) -> None:
    headers = {"Accept": "application/problem+json", "X-Test-Status": str(status)}

    answer = ask(scene, "POST", "/apps/statements/x", headers)

    assert answer.status == status
    assert "content-type" not in answer.headers
    assert answer.document["target"] == "/x"
