"""The sample application believes the assertion and nothing else (docs/examples/statements)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from statements.app import make_app
from statements.caller import Callers

from foundation.base64url import base64url
from foundation.clock import SystemClock
from gateway.edge.tokens.claims import ASSERTION_COOKIE, SESSION_TOKEN_COOKIE
from tests.integration.gateway.edge.conftest import open_node
from tests.support.bureau import NEW_PASSWORD, OPERATOR, PORTAL, Bureau, Visitor
from tests.support.clock import FakeClock

HEADER = "x-certgate-assertion"
LONG_AGO = timedelta(minutes=10)


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def now_node(database_url: str, tmp_path: Path) -> Iterator[Bureau]:
    """A node at the real time, since the application has the real one; it stands still."""
    clock = FakeClock(SystemClock().now() - LONG_AGO)
    with open_node(database_url, tmp_path, clock) as node:
        yield node


def application(node: Bureau, host: str = "localhost") -> TestClient:
    return TestClient(make_app(Callers(node.visitor(), PORTAL, host)))


def renewed(node: Bureau, visitor: Visitor) -> dict[str, str]:
    """What the edge sends along after a renewal."""
    assert visitor.get("/session/token").status_code == 303
    return {HEADER: visitor.cookies[ASSERTION_COOKIE]}


def assertion_in(answer: Any) -> str:
    """Return what an answer set, though the browser would let it go by now."""
    (line,) = (
        line
        for line in answer.headers.get_list("set-cookie")
        if line.startswith(f"{ASSERTION_COOKIE}=")
    )
    return str(line.partition("=")[2].partition(";")[0])


def test_it_shows_who_is_calling_and_refuses_whatever_does_not_verify(now_node: Bureau) -> None:
    slip = now_node.register_unit()
    visitor = now_node.arrive(slip)
    expired = assertion_in(visitor.log_in(slip.username, NEW_PASSWORD))
    now_node.clock.advance(LONG_AGO)
    good = renewed(now_node, visitor)
    app = application(now_node)

    told = app.get("/whoami", headers=good).json()
    assert (told["sub"], told["kind"], told["aud"]) == (slip.username, "unit", "localhost")
    assert f"<p>{slip.username}</p>" in app.get("/", headers=good).text
    sent = app.post("/upload", content=b"a" * 200_000, headers=good).json()
    assert (sent["by"], sent["octets"]) == (slip.username, 200_000)
    with app.websocket_connect("/echo", headers=good) as echo:
        echo.send_text("hello")
        assert echo.receive_text() == f"{slip.username}: hello"

    head, payload, signature = good[HEADER].split(".")
    unsigned = base64url(b'{"alg":"none","typ":"certgate-assertion+jwt"}')
    for refused in (
        "",
        "no token",
        expired,
        visitor.cookies[SESSION_TOKEN_COOKIE],
        f"{head}.{payload}.{signature[::-1]}",
        f"{head}.{payload}.",
        f"{unsigned}.{payload}.",
    ):
        assert app.get("/whoami", headers={HEADER: refused}).status_code == 401, refused
        with (
            pytest.raises(WebSocketDisconnect),
            app.websocket_connect("/echo", headers={HEADER: refused}),
        ):
            pass
    assert app.get("/whoami").status_code == 401
    # An assertion for one host is none for another.
    assert application(now_node, "apps.example").get("/whoami", headers=good).status_code == 401


def test_a_new_key_is_fetched_when_it_is_first_met(now_node: Bureau) -> None:
    visitor = now_node.arrive(now_node.register_unit())
    now_node.clock.advance(LONG_AGO)
    app = application(now_node)
    before = renewed(now_node, visitor)
    assert app.get("/whoami", headers=before).status_code == 200
    now_node.house.token_signing.rotation.replace_now(OPERATOR)
    after = renewed(now_node, visitor)
    assert app.get("/whoami", headers=after).status_code == 200
    assert app.get("/whoami", headers=before).status_code == 401


@pytest.mark.parametrize("portal", [503, None])
def test_without_the_portal_it_says_when_to_come_again(
    now_node: Bureau, portal: int | None
) -> None:
    """Neither let in nor sent away: the key is new here, and nobody can say whose it is."""
    visitor = now_node.arrive(now_node.register_unit())
    now_node.clock.advance(LONG_AGO)
    good = renewed(now_node, visitor)

    def answer(request: httpx.Request) -> httpx.Response:
        if portal is None:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(portal, json={"type": "/problems/database-unavailable"})

    away = httpx.Client(transport=httpx.MockTransport(answer), base_url=PORTAL)
    app = TestClient(make_app(Callers(away, PORTAL, "localhost")))
    told = app.get("/whoami", headers=good)
    assert (told.status_code, told.headers["retry-after"]) == (503, "5")
    with (
        pytest.raises(WebSocketDisconnect) as ended,
        app.websocket_connect("/echo", headers=good),
    ):
        pass
    assert ended.value.code == 1013
