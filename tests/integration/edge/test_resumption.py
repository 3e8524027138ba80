"""No session is resumed at any door: it would skip the certificate (RFC 8446 section 2.2)."""

import socket
import ssl
from pathlib import Path

import pytest

from tests.integration.edge.conftest import Scene
from tests.support.openssl import openssl
from tests.support.resumption import s_client_twice


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_the_public_door_starts_anew_each_time(scene: Scene, tmp_path: Path, version: str) -> None:
    port = scene.edge.ports.public

    assert s_client_twice(port, version, tmp_path) == ["New", "New"]


def test_the_portal_starts_anew_each_time(scene: Scene, tmp_path: Path) -> None:
    file = scene.unit.write(tmp_path)
    arguments = ("-cert", file, "-key", file, "-servername", "localhost")

    assert s_client_twice(scene.edge.ports.portal, "-tls1_3", tmp_path, *arguments) == [
        "New",
        "New",
    ]


def test_a_session_of_the_public_door_opens_no_other(scene: Scene, tmp_path: Path) -> None:
    request = b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"
    for option, port in (
        ("-sess_out", scene.edge.ports.public),
        ("-sess_in", scene.edge.ports.portal),
    ):
        file = tmp_path / "session.pem"
        if option == "-sess_in" and not file.exists():
            return  # none was handed out
        answer = openssl(
            *("s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost"),
            *("-tls1_3", "-ign_eof", option, file),
            stdin=request,
        )
    assert "\nReused," not in answer.text
    assert "403 Forbidden" in answer.text


def test_five_connections_in_a_row_are_new(scene: Scene) -> None:
    answer = openssl(
        *("s_client", "-connect", f"127.0.0.1:{scene.edge.ports.public}", "-reconnect"),
        *("-tls1_2", "-servername", "localhost"),
    )

    lines = [line for line in answer.text.splitlines() if line.startswith(("New,", "Reused,"))]
    assert len(lines) == 6
    assert all(line.startswith("New,") for line in lines)


def test_the_portal_speaks_nothing_older_than_tls_1_3(scene: Scene) -> None:
    """A warm TLS 1.2 session could be taken up by its number."""
    context = scene.client().context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    with (
        pytest.raises(ssl.SSLError),
        socket.create_connection(("127.0.0.1", scene.edge.ports.portal)) as plain,
    ):
        context.wrap_socket(plain, server_hostname="localhost")


def test_no_early_data_is_offered(scene: Scene) -> None:
    """What comes before the handshake ends can be played back (RFC 8446 section 8)."""
    answer = openssl(
        *("s_client", "-connect", f"127.0.0.1:{scene.edge.ports.public}", "-tls1_3"),
        *("-servername", "localhost", "-ign_eof"),
        stdin=b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n",
    )

    assert "Max Early Data: 0" in answer.text or "Max Early Data" not in answer.text
