"""The session token at an application: each thing that can be wrong with it, and what follows."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from foundation.clock import SystemClock
from tests.integration.edge.conftest import APPLICATION_HOST, Scene
from tests.support.edge_client import ASSERTION, KEY_NAME, SECRET, Tokens
from tests.support.tls_credentials import make_root

Cookies = dict[str, str]
OTHER_SECRET = SECRET[::-1]


def now() -> int:
    return int(SystemClock().now().timestamp())


def hand_made(tokens: Tokens, header: dict[str, Any], signature: str = "") -> Cookies:
    """Return a token whose header nobody's library would write."""
    _, payload, proper = tokens.token().split(".")
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    return tokens.cookies() | {"__Host-certgate-edge": f"{head}.{payload}.{signature or proper}"}


def spoilt(tokens: Tokens) -> Cookies:
    """Return a token with another user's name under the old signature."""
    head, _, signature = tokens.token().split(".")
    payload = tokens.token(sub="wh000999").split(".")[1]
    return tokens.cookies() | {"__Host-certgate-edge": f"{head}.{payload}.{signature}"}


FAULTS: dict[str, tuple[Callable[[Tokens], Cookies], str]] = {
    "none": (lambda t: {}, "token-absent"),
    "empty": (lambda t: {"__Host-certgate-edge": ""}, "token-absent"),
    "garbage": (lambda t: {"__Host-certgate-edge": "a.b.c"}, "token-algorithm"),
    "four parts": (
        lambda t: {"__Host-certgate-edge": t.token() + ".x"}, "token-signature"
    ),
    "oversize": (lambda t: {"__Host-certgate-edge": "x" * 12_000}, "token-algorithm"),
    "alg none": (
        lambda t: hand_made(t, {"alg": "none", "typ": "JWT", "kid": KEY_NAME}), "token-algorithm"
    ),
    "alg of another case": (
        lambda t: hand_made(t, {"alg": "hs256", "typ": "JWT", "kid": KEY_NAME}), "token-algorithm"
    ),
    "HS384 with the right key": (lambda t: t.cookies(header={"alg": "HS384"}), "token-algorithm"),
    "an assertion's type": (
        lambda t: t.cookies(header={"typ": "certgate-assertion+jwt"}), "token-type"
    ),
    "no key name": (lambda t: hand_made(t, {"alg": "HS256", "typ": "JWT"}), "token-key"),
    "unknown key name": (lambda t: t.cookies(header={"kid": "k2"}), "token-key"),
    "another key": (lambda t: t.cookies(secret=OTHER_SECRET), "token-signature"),
    "another payload": (spoilt, "token-signature"),
    "no signature": (
        lambda t: {"__Host-certgate-edge": t.token().rpartition(".")[0] + "."}, "token-signature"
    ),
    "another issuer": (lambda t: t.cookies(iss="https://elsewhere.example"), "token-issuer"),
    "no issuer": (lambda t: t.cookies(iss=None), "token-issuer"),
    "for another host": (lambda t: t.cookies(aud=APPLICATION_HOST), "token-audience"),
    "for no host": (lambda t: t.cookies(aud=None), "token-audience"),
    "expired": (lambda t: t.cookies(exp=now() - 1), "token-expired"),
    "without an end": (lambda t: t.cookies(exp=None), "token-expired"),
    "an end that is a text": (lambda t: t.cookies(exp="never"), "token-expired"),
    "of the future": (lambda t: t.cookies(iat=now() + 60), "token-of-the-future"),
    "of no time": (lambda t: t.cookies(iat=None), "token-of-the-future"),
    "of no session": (lambda t: t.cookies(sid=None), "token-incomplete"),
    "of a session that is no number": (lambda t: t.cookies(sid="4 2"), "token-incomplete"),
    "of nobody": (lambda t: t.cookies(sub=None), "token-incomplete"),
    "another assertion": (lambda t: t.cookies(assertion=ASSERTION + "x"), "assertion-differs"),
    "no assertion": (
        lambda t: {"__Host-certgate-edge": t.token()}, "assertion-differs"
    ),
    "bound to no assertion": (lambda t: t.cookies(ash=None), "assertion-differs"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_program_with_a_bad_token_is_told_to_log_in(scene: Scene, case: str) -> None:
    make, fault = FAULTS[case]

    answer = scene.client().ask(
        "/apps/statements/x", cookies=make(scene.tokens), headers={"Accept": "application/json"}
    )

    assert answer.status == 401
    assert answer.document["type"].endswith("/login-required")
    assert answer.headers["www-authenticate"].startswith("Cookie ")
    line = scene.edge.logged(answer.request_id)
    assert (line["decision"], line["token"]) == ("login-required", fault)


def test_a_person_with_a_bad_token_is_sent_to_the_portal_and_back(scene: Scene) -> None:
    answer = scene.client().ask("/apps/statements/a?b=c&d=e", headers={"Accept": "text/html"})

    assert answer.status == 303
    portal = scene.edge.settings.portal_url
    back = "%2Fapps%2Fstatements%2Fa%3Fb%3Dc%26d%3De"
    assert answer.headers["location"] == f"{portal}/session/token?return={back}"


def test_from_another_host_the_way_back_is_a_whole_address(scene: Scene) -> None:
    client = scene.client(host=APPLICATION_HOST)

    answer = client.ask("/room?x=1", headers={"Accept": "text/html"})

    port = scene.edge.ports.portal
    back = f"https%3A%2F%2F{APPLICATION_HOST}%3A{port}%2Froom%3Fx%3D1"
    assert answer.headers["location"].endswith(f"/session/token?return={back}")


def test_a_post_is_not_redirected(scene: Scene) -> None:
    answer = scene.client().ask("/apps/statements/x", "POST", body=b"a=b")

    assert answer.status == 401


@pytest.mark.parametrize("stranger", ["another unit", "another hierarchy"])
def test_a_cookie_is_worth_nothing_beside_another_certificate(scene: Scene, stranger: str) -> None:
    ca = scene.pki.issuing if stranger == "another unit" else make_root("Elsewhere")
    before = len(scene.application.asked)

    answer = scene.client(ca.issue("wh000999")).ask(
        "/apps/statements/x", cookies=scene.tokens.cookies()
    )

    assert answer.status == 403
    assert len(scene.application.asked) == before


def test_an_ended_session_is_refused_on_a_warm_connection(scene: Scene) -> None:
    headers = {"Accept": "application/json", "Cookie": cookie_line(scene.tokens.cookies())}
    connection = scene.client().connect()
    try:
        connection.request("GET", "/apps/statements/x", headers=headers)
        response = connection.getresponse()
        assert (response.status, bool(response.read())) == (200, True)

        scene.edge.fill("denied-sessions", {"42": "ended"})

        connection.request("GET", "/apps/statements/x", headers=headers)
        response = connection.getresponse()
        assert (response.status, bool(response.read())) == (401, True)
    finally:
        connection.close()


def test_two_tokens_are_none(scene: Scene) -> None:
    good = cookie_line(scene.tokens.cookies())

    answer = scene.client().ask(
        "/apps/statements/x",
        headers={"Accept": "application/json", "Cookie": f"{good}; __Host-certgate-edge=x"},
    )

    assert answer.status == 401
    assert scene.edge.logged(answer.request_id)["token"] == "token-ambiguous"


def test_a_new_key_is_known_beside_the_old_one(scene: Scene) -> None:
    scene.edge.fill("token-keys", {KEY_NAME: SECRET, "k2": OTHER_SECRET})

    for cookies in (
        scene.tokens.cookies(),
        scene.tokens.cookies(header={"kid": "k2"}, secret=OTHER_SECRET),
    ):
        assert scene.client().ask("/apps/statements/x", cookies=cookies).status == 200


def test_the_portal_itself_asks_the_node_and_not_the_token(scene: Scene) -> None:
    answer = scene.client().ask("/tasks", cookies={"__Host-certgate": "opaque"})

    assert answer.status == 200
    assert scene.node.last.value("cookie") == "__Host-certgate=opaque"


def cookie_line(cookies: Cookies) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
