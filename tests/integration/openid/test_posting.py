"""Posting a logout token: one POST, to one place, and nothing that the answer says is followed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from gateway.openid.logout.posting import LogoutPoster, NotDelivered
from tests.support.mail import make_tls


@dataclass
class Listening:
    """An application's server; `answer` is what it says to each POST."""

    answer: bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    port: int = 0
    drips: bool = False


@contextmanager
def listening(tls_folder: Path | None = None, *names: str) -> Iterator[Listening]:
    listening = Listening()
    leave = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            listening.requests.append((self.path, self.headers["content-type"], body))
            self.wfile.write(listening.answer)
            while listening.drips and not leave.wait(0.05):
                self.wfile.write(b"x: y\r\n")
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A visitor who hangs up is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls_folder is not None:
        server.socket = make_tls(tls_folder, *names)[0].wrap_socket(server.socket, server_side=True)
    listening.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield listening
    finally:
        leave.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def poster(tmp_path_factory: pytest.TempPathFactory) -> LogoutPoster:
    _, root = make_tls(tmp_path_factory.mktemp("root"), "localhost")
    return LogoutPoster(root.read_text(), deadline_seconds=1.0)


def test_the_token_is_posted_as_a_form(poster: LogoutPoster) -> None:
    """Back-Channel Logout 2.5."""
    with listening() as app:
        poster.post(f"http://127.0.0.1:{app.port}/logout?tenant=1", "a.b+c/d")
    [(path, media_type, body)] = app.requests
    assert (path, media_type) == ("/logout?tenant=1", "application/x-www-form-urlencoded")
    assert parse_qs(body) == {"logout_token": ["a.b+c/d"]}


def test_a_204_is_as_good(poster: LogoutPoster) -> None:
    """Back-Channel Logout 2.8: some frameworks make one of an empty 200."""
    with listening() as app:
        app.answer = b"HTTP/1.1 204 No Content\r\n\r\n"
        poster.post(f"http://127.0.0.1:{app.port}", "token")
    assert app.requests[0][0] == "/"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n",
        b"this is no HTTP\r\n\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 500 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)
def test_any_other_answer_is_none(poster: LogoutPoster, answer: bytes) -> None:
    with listening() as app:
        app.answer = answer
        with pytest.raises(NotDelivered):
            poster.post(f"http://127.0.0.1:{app.port}/", "token")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(poster: LogoutPoster, status: int) -> None:
    """SSRF: who controls an application must not reach what only we can reach."""
    with listening() as app, listening() as inside:
        app.answer = (
            f"HTTP/1.1 {status} Go\r\nlocation: http://127.0.0.1:{inside.port}/\r\n"
            "content-length: 0\r\n\r\n"
        ).encode()
        with pytest.raises(NotDelivered, match=f"status-{status}"):
            poster.post(f"http://127.0.0.1:{app.port}/", "token")
    assert not inside.requests


def test_an_answer_that_drips_is_cut_off(poster: LogoutPoster) -> None:
    """Each drop comes before the socket's timeout; the whole has an end all the same."""
    with listening() as app:
        app.answer, app.drips = b"HTTP/1.1 200 OK\r\n", True
        with pytest.raises(NotDelivered):
            poster.post(f"http://127.0.0.1:{app.port}/", "token")


def test_nobody_there_is_not_delivered(poster: LogoutPoster) -> None:
    with listening() as app:
        pass
    with pytest.raises(NotDelivered):
        poster.post(f"http://127.0.0.1:{app.port}/", "token")


def test_a_proxy_of_the_environment_is_not_asked(
    poster: LogoutPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening() as app, listening() as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        poster.post(f"http://127.0.0.1:{app.port}/", "token")
    assert (len(app.requests), len(proxy.requests)) == (1, 0)


def test_tls_is_verified_against_our_root_too(tmp_path: Path) -> None:
    with listening(tmp_path, "localhost") as app:
        root = (tmp_path / "ca.pem").read_text()
        LogoutPoster(root).post(f"https://localhost:{app.port}/", "token")
    assert len(app.requests) == 1


@pytest.mark.parametrize("name", ["localhost", "elsewhere.example"])
def test_a_stranger_s_certificate_and_another_name_are_refused(
    poster: LogoutPoster, tmp_path: Path, name: str
) -> None:
    with listening(tmp_path, name) as app:
        root = (tmp_path / "ca.pem").read_text()
        trusting = poster if name == "localhost" else LogoutPoster(root)
        with pytest.raises(NotDelivered):
            trusting.post(f"https://localhost:{app.port}/", "token")
    assert not app.requests
