"""RFC 9110 section 9.3.2: HEAD says what GET says, without content."""

import pytest
from fastapi.routing import iter_route_contexts
from starlette.applications import Starlette

from gateway.composition.applications import Applications
from gateway.edge.tokens.paths import RENEWAL, VISIT
from tests.conformance.rfc9110.conftest import Doors
from tests.support.bureau import Bureau, Visitor

pytestmark = pytest.mark.conformance

# These differ between two answers to the same question.
_ONCE_ONLY = ("x-request-id", "set-cookie", "date")


@pytest.mark.parametrize(
    ("door", "path", "status"),
    [
        ("pki", "/ca/root.cer", 200),
        ("pki", "/crl/issuing.crl", 200),
        ("pki", "/crl/root.crl", 200),
        ("pki", "/healthz", 200),
        ("pki", "/nothing", 404),
        ("public", "/", 200),
        ("public", "/root.cer", 200),
        ("public", "/pickup", 200),
        ("public", "/help", 200),
        ("public", "/healthz", 200),
        ("public", "/readyz", 200),
        ("public", "/favicon.ico", 200),
        ("public", "/static/certgate.css", 200),
        ("public", "/api/openapi.json", 200),
        ("public", "/.well-known/est/cacerts", 200),
        ("public", "/.well-known/est/csrattrs", 200),
        ("public", "/.well-known/openid-configuration", 200),
        ("public", "/nothing", 404),
        ("portal", "/.well-known/est/cacerts", 200),
        ("portal", "/login", 403),
        ("portal", "/api/v1/session", 403),
    ],
)
def test_9_3_2_head_is_get_without_content(doors: Doors, door: str, path: str, status: int) -> None:
    got, asked = (doors.ask(door, f"{method} {path} HTTP/1.1") for method in ("GET", "HEAD"))
    assert (got.status, asked.status) == (status, status)
    assert asked.without(*_ONCE_ONLY) == got.without(*_ONCE_ONLY)
    assert asked.headers["content-length"] == str(len(got.body))
    assert asked.rest == b""


def test_9_3_2_a_head_at_the_responder(doors: Doors) -> None:
    """Its GETs are answered before there are layers, its HEADs behind them."""
    got, asked = (doors.ask("pki", f"{method} /ocsp/AAAA HTTP/1.1") for method in ("GET", "HEAD"))
    assert got.without(*_ONCE_ONLY).items() <= asked.without(*_ONCE_ONLY).items()
    assert asked.headers["content-length"] == str(len(got.body))
    assert asked.rest == b""


def test_9_3_2_a_connection_goes_on_after_a_head(doors: Doors) -> None:
    one = b"HEAD /crl/issuing.crl HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = doors.send("pki", one + one + last)
    assert answer.rest.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.rest.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert answer.rest.endswith(b'{"status":"ok"}')


@pytest.fixture(scope="module")
def officer(doors: Doors) -> Visitor:
    """Somebody who may look at everything officers look at."""
    roles = ("security_officer", "auditor", "enrollment_officer", "administrator")
    return doors.bureau.arrive(doors.bureau.register_officer("head.officer", *roles))


def test_every_page_without_a_parameter_answers_head(doors: Doors, officer: Visitor) -> None:
    """Streamed exports among them; what a page refuses to GET it refuses to HEAD."""
    seen = 0
    for path in _pages(doors.bureau):
        got, asked = officer.get(path), officer.head(path)
        assert asked.status_code == got.status_code, path
        assert asked.content == b"", path
        for name in ("content-type", "content-length", "cache-control", "location"):
            assert asked.headers.get(name) == got.headers.get(name), (path, name)
        seen += got.status_code == 200
    assert seen > 10


def test_what_a_link_uses_up_takes_no_head(officer: Visitor) -> None:
    """A scanner of mail looks at links by HEAD: RFC 9110 section 9.2.1, safe methods."""
    for path in ("/continue", "/openid/authorize?client_id=x"):
        answer = officer.head(path)
        assert (answer.status_code, answer.headers["allow"].split(", ")[0]) == (405, "GET"), path
        assert "HEAD" not in answer.headers["allow"]


def _pages(bureau: Bureau) -> list[str]:
    app = Applications(bureau.house).portal()
    while not isinstance(app, Starlette):
        app = app._app  # type: ignore[attr-defined]
    used_up = {"/continue", "/openid/authorize", RENEWAL, VISIT}
    found = {
        one.path
        for one in iter_route_contexts(app.routes)
        if one.path is not None and "GET" in (one.methods or ()) and "{" not in one.path
    }
    return sorted(found - used_up)
