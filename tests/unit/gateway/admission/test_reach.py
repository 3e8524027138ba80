"""Deny by default: a path that nobody named asks for everything (AMB-02, AMB-03)."""

import pytest

from gateway.admission.reach import Reach, reach_of


@pytest.mark.parametrize(
    ("method", "path", "reach"),
    [
        ("GET", "/healthz", Reach.ANYBODY),
        ("GET", "/static/style.css", Reach.ANYBODY),
        ("HEAD", "/.well-known/est/cacerts", Reach.ANYBODY),
        ("POST", "/.well-known/est/simpleenroll", Reach.ANYBODY),
        ("POST", "/.well-known/est/simplereenroll", Reach.CERTIFICATE),
        ("POST", "/openid/token", Reach.CERTIFICATE),
        ("GET", "/login", Reach.BEFORE_LOGIN),
        ("HEAD", "/login", Reach.BEFORE_LOGIN),
        ("HEAD", "/api/v1/session", Reach.BEFORE_RESET),
        ("HEAD", "/api/v1/tasks", Reach.MEMBERS),
        ("POST", "/api/v1/session", Reach.BEFORE_LOGIN),
        ("GET", "/api/v1/session", Reach.BEFORE_RESET),
        ("PUT", "/api/v1/password", Reach.BEFORE_RESET),
        ("GET", "/", Reach.MEMBERS),
        ("GET", "/api/v1/tasks", Reach.MEMBERS),
    ],
)
def test_what_a_path_asks_of_whoever_comes(method: str, path: str, reach: Reach) -> None:
    assert reach_of(method, path) is reach


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nothing"),
        ("DELETE", "/login"),
        ("post", "/login"),
        ("GET", "/login/"),
        ("GET", "//login"),
        ("GET", "/LOGIN"),
        ("GET", "/static"),
        ("GET", "/healthz/"),
        ("PUT", "/.well-known/est/simpleenroll"),
        ("GET", "/api/v1/password"),
        ("OPTIONS", "/api/v1/session"),
    ],
)
def test_what_only_looks_like_a_named_path_is_not(method: str, path: str) -> None:
    assert reach_of(method, path) is Reach.MEMBERS
