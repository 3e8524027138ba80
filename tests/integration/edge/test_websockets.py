"""Websockets through the edge: with a good token, and seen by the agent."""

import socket

import pytest
from websockets.sync.client import ClientConnection, connect

from gateway.edge.serial_numbers import serial_as_haproxy_prints
from tests.integration.edge.conftest import Scene

WAIT_SECONDS = 20
# RFC 6455 section 4.1.
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def open_websocket(scene: Scene, cookies: dict[str, str]) -> ClientConnection:
    try:
        return _open_websocket(scene, cookies)
    except TimeoutError:
        # Once in some hundred times the library misses an answer that did arrive.
        return _open_websocket(scene, cookies)


def _open_websocket(scene: Scene, cookies: dict[str, str]) -> ClientConnection:
    line = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return connect(
        f"wss://localhost:{scene.edge.ports.portal}/apps/live/feed",
        sock=socket.create_connection(("127.0.0.1", scene.edge.ports.portal), WAIT_SECONDS),
        ssl=scene.client().context(),
        additional_headers={"Cookie": line, "X-CertGate-User": "a lie"},
        compression=None,
    )


def test_a_websocket_is_passed_on_with_who_is_calling(scene: Scene) -> None:
    with open_websocket(scene, scene.tokens.cookies()) as websocket:
        websocket.send("hello")

        assert websocket.recv(WAIT_SECONDS) == "hello"
    asked = scene.websockets.asked[-1]
    assert asked.get_all("X-CertGate-User") == ["wh000123"]
    assert "Cookie" not in asked


@pytest.mark.parametrize("claims", [{"exp": 1}, {"x5t": "0" * 64}, {"aud": "elsewhere"}])
def test_no_websocket_without_a_good_token(scene: Scene, claims: dict[str, object]) -> None:
    before = len(scene.websockets.asked)

    # Not by the library: once in some hundred times it misses a refusal that did arrive.
    answer = scene.client().ask(
        "/apps/live/feed",
        headers=UPGRADE,
        cookies=scene.tokens.cookies(**claims),  # type: ignore[arg-type]
    )

    assert answer.status in {401, 403}
    assert len(scene.websockets.asked) == before


def test_an_open_websocket_can_be_cut_by_its_certificate(scene: Scene) -> None:
    """What the agent does at a revocation: the map names the source, the source a session."""
    with open_websocket(scene, scene.tokens.cookies()) as websocket:
        websocket.send("hello")
        websocket.recv(WAIT_SECONDS)
        address, port = websocket.socket.getsockname()
        shown = scene.edge.command(f"show map {scene.edge.files.map('connections')}")
        serial = serial_as_haproxy_prints(scene.unit.serial_number)
        assert f" {address}:{port} {serial}\n" in shown

        sessions = scene.edge.command("show sess").splitlines()
        [line] = [one for one in sessions if f"src={address}:{port} " in one]
        scene.edge.command(f"shutdown session {line.partition(':')[0]}")

        with pytest.raises(Exception, match="close frame"):
            websocket.recv(WAIT_SECONDS)
