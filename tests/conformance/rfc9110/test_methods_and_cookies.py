"""Allow, trailing slashes, and cookies where they can be kept."""

import pytest

from tests.conformance.rfc9110.conftest import Doors

pytestmark = pytest.mark.conformance

_EST = "/.well-known/est"


@pytest.mark.parametrize(
    ("door", "method", "path", "allow"),
    [
        ("pki", "POST", "/crl/issuing.crl", "GET, HEAD"),
        ("pki", "DELETE", "/ca/root.cer", "GET, HEAD"),
        ("pki", "OPTIONS", "/healthz", "GET, HEAD"),
        ("pki", "PUT", "/ocsp", "POST"),
        ("pki", "GET", "/ocsp", "POST"),
        ("pki", "HEAD", "/ocsp", "POST"),
        ("public", "DELETE", "/api/v1/pickup", "POST"),
        ("public", "TRACE", f"{_EST}/cacerts", "GET, HEAD"),
        ("public", "POST", f"{_EST}/cacerts", "GET, HEAD"),
        ("public", "GET", f"{_EST}/simpleenroll", "POST"),
        ("public", "HEAD", f"{_EST}/simplereenroll", "POST"),
        ("public", "OPTIONS", "/pickup", "GET, HEAD, POST"),
        ("public", "OPTIONS", "/static/certgate.css", "GET, HEAD"),
    ],
)
def test_15_5_6_a_405_names_every_method_of_the_path(
    doors: Doors, door: str, method: str, path: str, allow: str
) -> None:
    answer = doors.ask(door, f"{method} {path} HTTP/1.1")
    assert answer.status == 405
    assert answer.headers.get_all("allow") == [allow]


@pytest.mark.parametrize("door", ["public", "portal"])
@pytest.mark.parametrize("operation", ["cacerts", "csrattrs", "simpleenroll", "serverkeygen"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_rfc7030_3_2_2_another_path_is_not_redirected(
    doors: Doors, door: str, operation: str, method: str
) -> None:
    """A client would send a slip's credentials on to wherever it is told to."""
    answer = doors.ask(
        door, f"{method} {_EST}/{operation}/ HTTP/1.1", "Content-Length: 0",
        "Authorization: Basic c2VyaWFsOnBhc3N3b3Jk",
    )  # fmt: skip
    assert answer.status == (404 if door == "public" else 403)
    assert "location" not in answer.headers


@pytest.mark.parametrize("path", ["/pickup/", "/help/", "/root.cer/", "/api/v1/pickup/"])
def test_no_path_is_redirected_for_a_slash(doors: Doors, path: str) -> None:
    assert doors.ask("public", f"GET {path} HTTP/1.1").status == 404


@pytest.mark.parametrize(
    "line", ["GET /nothing", "POST /ocsp/", "GET /?lang=en", "POST /", "GET /crl/no.crl"]
)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_the_pki_door_sets_no_cookie(doors: Doors, line: str, accept: str) -> None:
    """RFC 6265bis section 5.7: over plain HTTP a Secure cookie is not kept."""
    answer = doors.ask("pki", f"{line} HTTP/1.1", f"Accept: {accept}", "Content-Length: 0")
    assert answer.status in {404, 405}
    assert "set-cookie" not in answer.headers
