"""The other layers: origin, size, language, headers, log."""

from collections.abc import Iterator

import pytest
import structlog
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from tests.unit.foundation.web.conftest import ORIGIN


class TestOrigin:
    @pytest.mark.parametrize(
        "headers",
        [
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"origin": "https://evil.example"},
            {"origin": "https://localhost:8443"},
            {"origin": "http://localhost:9443"},
            {"origin": "null"},
            {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
        ],
    )
    def test_a_change_from_elsewhere_is_refused(
        self, client: TestClient, headers: dict[str, str]
    ) -> None:
        answer = client.post("/api/json", json={"amount": 1}, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/cross-site-request"

    @pytest.mark.parametrize(
        "headers",
        [{}, {"origin": ORIGIN}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}],
    )
    def test_a_change_from_here_or_from_a_program_passes(
        self, client: TestClient, headers: dict[str, str]
    ) -> None:
        answer = client.post("/api/json", json={"amount": 1}, headers=headers)
        assert answer.status_code == 200

    def test_following_a_link_from_elsewhere_is_fine(self, client: TestClient) -> None:
        assert client.get("/form", headers={"sec-fetch-site": "cross-site"}).status_code == 200


class TestBodyLimit:
    def test_a_declared_body_is_refused_unread(self, client: TestClient) -> None:
        answer = client.post("/api/form", data={"name": "x" * 3000})
        assert answer.status_code == 413
        assert answer.json()["params"] == {"kilobytes": 2}
        assert answer.headers["connection"] == "close"

    @pytest.mark.parametrize("path", ["/api/json", "/api/form", "/form"])
    def test_a_streamed_body_is_refused_while_it_is_read(
        self, client: TestClient, path: str
    ) -> None:
        def chunks() -> Iterator[bytes]:
            for _ in range(30):
                yield b"x" * 100

        answer = client.post(
            path, content=chunks(), headers={"content-type": "application/x-www-form-urlencoded"}
        )
        assert answer.status_code == 413

    def test_a_path_may_take_more(self, client: TestClient) -> None:
        headers = {"x-form-token": client.get("/form").text}
        for size, status in ((9_000, 200), (11_000, 413)):
            files = {"file": ("a", b"x" * size)}
            assert client.post("/upload", files=files, headers=headers).status_code == status

    @pytest.mark.parametrize("length", ["-1", "two", "9" * 5000])
    def test_a_nonsensical_length_is_no_server_error(self, client: TestClient, length: str) -> None:
        headers = {"content-length": length, "content-type": "application/json"}
        assert client.post("/api/json", content=b"{}", headers=headers).status_code < 500


class TestLanguage:
    def test_a_wish_is_remembered(self, client: TestClient) -> None:
        answer = client.get("/nowhere?lang=en")
        assert '<html lang="en">' in answer.text
        assert "certgate_lang=en" in answer.headers["set-cookie"]
        assert '<html lang="en">' in client.get("/nowhere").text

    def test_nonsense_is_not_remembered(self, client: TestClient) -> None:
        answer = client.get("/nowhere?lang=%0d%0aSet-Cookie:x=y")
        assert '<html lang="zh-CN">' in answer.text
        assert "set-cookie" not in answer.headers or "x=y" not in answer.headers["set-cookie"]

    def test_the_other_language_keeps_the_rest_of_the_query(self, client: TestClient) -> None:
        answer = client.get("/nowhere?serial=4A2F&lang=zh")
        assert 'href="?serial=4A2F&amp;lang=en"' in answer.text


class TestHeaders:
    def test_a_page_may_do_almost_nothing(self, client: TestClient) -> None:
        headers = client.get("/nowhere").headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["strict-transport-security"].startswith("max-age=")

    def test_even_a_crash_carries_them(self, client: TestClient) -> None:
        assert "content-security-policy" in client.get("/fail/broken").headers

    def test_plain_http_is_not_told_to_use_tls(self, client: TestClient) -> None:
        headers = client.get("http://localhost:8080/nowhere").headers
        assert "strict-transport-security" not in headers


class TestAccessLog:
    @pytest.fixture(autouse=True)
    def fresh_log(self) -> Iterator[None]:
        structlog.reset_defaults()
        yield
        structlog.reset_defaults()

    def test_a_request_is_logged_without_what_it_carries(self, client: TestClient) -> None:
        with capture_logs() as entries:
            client.post("/api/form?serial=hunter2", data={"name": "hunter2"})
        (entry,) = [entry for entry in entries if entry["event"] == "request"]
        assert (entry["method"], entry["path"], entry["status"]) == ("POST", "/api/form", 200)
        assert (entry["username"], entry["kind"], entry["serial_number"]) == (None, None, None)
        assert "hunter2" not in str(entries)

    def test_a_crash_is_logged_once_with_its_trace(self, client: TestClient) -> None:
        with capture_logs() as entries:
            client.get("/api/fail/broken")
        (entry,) = [entry for entry in entries if entry["event"] == "request-failed"]
        assert entry["exc_info"]

    def test_every_request_has_its_own_number(self, client: TestClient) -> None:
        numbers = {client.get("/form").headers["x-request-id"] for _ in range(3)}
        assert len(numbers) == 3
