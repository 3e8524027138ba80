"""Nobody tells an application who he is: identity headers of clients, in every spelling."""

import pytest

from tests.integration.edge.conftest import Scene
from tests.support.edge_client import ASSERTION

SPOOFED = [
    "X-CertGate-User", "x-certgate-user", "X-CERTGATE-USER", "X-CertGate-Roles",
    "X-CertGate-Kind", "X-CertGate-Class", "X-CertGate-Serial", "X-CertGate-Assertion",
    "X-CertGate-Certificate-SHA256", "X-CertGate-Door", "X-CertGate-Client-Address",
    "X-CertGate-Client-Port", "X-CertGate-Request-Id", "X-CertGate-Anything-New",
    "Client-Cert", "CLIENT-CERT", "Client-Cert-Chain", "X-SSL-Client-Cert", "X-SSL-Cert",
    "X-Client-Cert", "Forwarded", "forwarded", "X-Forwarded-For", "X-FORWARDED-FOR",
    "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Client-Cert", "X-Real-IP",
    "True-Client-IP", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "Proxy",
]  # fmt: skip
LIE = "a lie"


@pytest.mark.parametrize("name", SPOOFED)
def test_no_spelling_reaches_anybody(scene: Scene, name: str) -> None:
    told = {name: LIE}
    assert scene.client().ask("/tasks", headers=told).status == 200
    path, cookies = "/apps/statements/x", scene.tokens.cookies()
    assert scene.client().ask(path, headers=told, cookies=cookies).status == 200

    for asked in (scene.node.last, scene.application.last):
        assert LIE not in [value for _, value in asked.headers]


def test_twice_is_no_better_than_once(scene: Scene) -> None:
    lies = "".join(f"X-CertGate-User: {LIE}\r\nx-certgate-USER: {LIE}\r\n" for _ in range(3))
    cookies = scene.tokens.cookies()
    line = "; ".join(f"{name}={value}" for name, value in cookies.items())
    received = scene.client().send(
        f"GET /apps/statements/x HTTP/1.1\r\nHost: localhost\r\n{lies}Cookie: {line}\r\n"
        "Connection: close\r\n\r\n".encode()
    )

    assert received.startswith(b"HTTP/1.1 200")
    assert scene.application.last.values("x-certgate-user") == ["wh000123"]


@pytest.mark.parametrize(
    "name", ["X_CertGate_User", "X-CertGate_User", "CLIENT_CERT", "X.CertGate.User", "X~Y"]
)
def test_names_that_become_others_are_refused(scene: Scene, name: str) -> None:
    before = len(scene.node.asked)

    assert scene.client().ask("/tasks", headers={name: LIE}).status == 400
    assert len(scene.node.asked) == before


@pytest.mark.parametrize(
    "line",
    [
        b"X-CertGate-User : a lie", b" X-CertGate-User: a lie", b"X-CertGate-User\x0b: a lie",
        b"X-CertGate-User\x00: a lie", b"X-Certgat\xc3\xa9: a lie",
    ],
)  # fmt: skip
def test_names_that_are_none_are_refused(scene: Scene, line: bytes) -> None:
    before = len(scene.node.asked)

    received = scene.client().send(
        b"GET /tasks HTTP/1.1\r\nHost: localhost\r\n" + line + b"\r\nConnection: close\r\n\r\n"
    )

    assert received.startswith(b"HTTP/1.1 4")
    assert len(scene.node.asked) == before


@pytest.mark.parametrize("option", ["X-CertGate-Roles", "close, client-cert", "X-Forwarded-For"])
def test_no_connection_option_takes_our_headers_away(scene: Scene, option: str) -> None:
    """RFC 9110 section 7.6.1: a proxy further on would drop what is named there."""
    answer = scene.client().ask("/tasks", headers={"Connection": option})

    assert answer.status == 400


def test_our_cookies_stay_with_us(scene: Scene) -> None:
    ours = scene.tokens.cookies() | {"__Host-certgate": "opaque", "__Host-certgate-form": "f"}
    cookies = {"first": "1", **ours, "last": "2"}

    assert scene.client().ask("/apps/statements/x", cookies=cookies).status == 200

    assert scene.application.last.value("cookie") == "first=1; last=2"


@pytest.mark.parametrize(
    "line", ["__HOST-certgate=x", "a=1;__Host-certgate=x", "a=__Host-certgate"]
)
def test_no_spelling_of_our_cookies_gets_through(scene: Scene, line: str) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in scene.tokens.cookies().items())

    scene.client().ask("/apps/statements/x", headers={"Cookie": f"{line}; {cookies}"})

    assert "certgate" not in (scene.application.last.value("cookie") or "").lower()


def test_two_cookie_headers_are_refused(scene: Scene) -> None:
    received = scene.client().send(
        b"GET /tasks HTTP/1.1\r\nHost: localhost\r\nCookie: a=1\r\nCookie: b=2\r\n"
        b"Connection: close\r\n\r\n"
    )

    assert received.startswith(b"HTTP/1.1 400")


def test_an_application_sets_no_cookie_of_ours_and_says_no_name(scene: Scene) -> None:
    scene.application.set_cookie[:] = ["__Host-certgate=stolen; Path=/", "own=1; Path=/"]

    answer = scene.client().ask("/apps/statements/x", cookies=scene.tokens.cookies())

    assert "x-certgate-user" not in answer.headers
    assert "__Host-certgate" not in str(answer.headers)


def test_the_certificate_goes_only_where_the_route_asks_for_it(scene: Scene) -> None:
    cookies = scene.tokens.cookies()

    assert scene.client().ask("/apps/statements/x", cookies=cookies).status == 200
    assert scene.application.last.value("client-cert") is None
    assert scene.client().ask("/apps/statements/old/x", cookies=cookies).status == 200
    assert scene.application.last.value("client-cert") is not None
    assert scene.application.last.target == "/apps/statements/old/x"


def test_the_assertion_is_the_one_that_the_token_names(scene: Scene) -> None:
    scene.client().ask("/apps/statements/x", cookies=scene.tokens.cookies())

    assert scene.application.last.value("x-certgate-assertion") == ASSERTION
