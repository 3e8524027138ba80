"""One path has one spelling behind the edge, and a route is chosen by that one."""

import pytest

from tests.integration.edge.conftest import Scene

NORMALISED = {
    "/%61pps/statements/x": "/apps/statements/x",
    "//apps///statements//x": "/apps/statements/x",
    "/apps/./statements/x": "/apps/statements/x",
    "/static/../apps/statements/x": "/apps/statements/x",
    "/static/%2e%2e/apps/statements/x": "/apps/statements/x",
    "/static/.%2E/apps/statements/x": "/apps/statements/x",
    "/../../apps/statements/x": "/apps/statements/x",
    "/apps/statements/old/../x": "/apps/statements/x",
    "/apps/statements": "/apps/statements",
}
AMBIGUOUS = [
    "/static/..%2fapps", "/static%2Ftasks", "/static/..%5capps", "/static/..\\apps",
    "/tasks%00", "/tasks%0d%0aX:1", "/tasks;x=1", "/tasks%3bx", "/static/..;/tasks",
    "/%2561dmin", "/tasks%7f", "/tasks%zz", "/tasks%4", "/a%%32%66b",
]  # fmt: skip
RAW = [b"/tasks\xe4\xb8\xad", b"/tasks\x01", b"tasks", b"*", b"/ta\tsks"]
FAITHFUL = ["/tasks/%E4%B8%AD", "/tasks?x=%2F..%2F;a=%00", "/tasks/a%20b", "/a/b.c~d-e_f"]


@pytest.mark.parametrize("sent", NORMALISED)
def test_disguises_are_taken_off(scene: Scene, sent: str) -> None:
    """Otherwise `/static/` would open what needs a certificate, and one route another."""
    answer = scene.client(bare=True).ask(sent)

    assert answer.status == 403
    line = scene.edge.logged(answer.request_id)
    assert (line["path"], line["decision"]) == (NORMALISED[sent], "certificate-required")
    answer = scene.client().ask(sent, headers={"Accept": "application/json"})
    line = scene.edge.logged(answer.request_id)
    assert (line["application"], line["decision"]) == ("statements", "login-required")


@pytest.mark.parametrize("sent", AMBIGUOUS)
def test_what_could_be_read_in_two_ways_is_refused(scene: Scene, sent: str) -> None:
    before = len(scene.node.asked)

    answer = scene.client().ask(sent)

    assert answer.status == 400
    assert len(scene.node.asked) == before


@pytest.mark.parametrize("sent", RAW)
def test_octets_that_no_path_has_are_refused(scene: Scene, sent: bytes) -> None:
    before = len(scene.node.asked)

    received = scene.client().send(
        b"GET " + sent + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )

    assert received.startswith(b"HTTP/1.1 400")
    assert len(scene.node.asked) == before


@pytest.mark.parametrize("sent", FAITHFUL)
def test_everything_else_arrives_as_it_was_sent(scene: Scene, sent: str) -> None:
    assert scene.client().ask(sent).status == 200
    assert scene.node.last.target == sent


@pytest.mark.parametrize(
    ("sent", "application"),
    [
        ("/apps/statements/x", "statements"),
        ("/apps/statements/old/x", "statements-old"),
        ("/apps/statements/older", "statements"),
        ("/apps/statements-x", None),
        ("/apps/statementsold", None),
        ("/apps", None),
    ],
)
def test_the_longest_route_takes_the_request_and_no_namesake(
    scene: Scene, sent: str, application: str | None
) -> None:
    answer = scene.client().ask(sent, headers={"Accept": "application/json"})

    if application is None:
        assert (answer.status, scene.node.last.target) == (200, sent)
    else:
        assert scene.edge.logged(answer.request_id)["application"] == application


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "get", "XGET"])
def test_other_methods_are_refused(scene: Scene, method: str) -> None:
    before = len(scene.node.asked)

    received = scene.client().send(
        f"{method} /tasks HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    )

    assert received[:12] in (b"HTTP/1.1 405", b"HTTP/1.1 400")
    assert len(scene.node.asked) == before


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_usual_methods_arrive(scene: Scene, method: str) -> None:
    body = b"{}" if method in {"POST", "PUT", "PATCH"} else None

    assert scene.client().ask("/tasks", method, body=body).status == 200
    assert scene.node.last.method == method
