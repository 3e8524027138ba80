"""What a node mints, when, and that others can verify it (decision 21)."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey

from gateway.admission import SESSION_COOKIE
from gateway.edge.tokens.claims import ASSERTION_COOKIE, SESSION_TOKEN_COOKIE
from gateway.sessions import find_ended_sessions
from tests.support.bureau import NEW_PASSWORD, PORTAL, Bureau, Visitor

JWKS = "/.well-known/certgate/jwks.json"
PAIR = {SESSION_TOKEN_COOKIE, ASSERTION_COOKIE}


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def session_token_of(node: Bureau, visitor: Visitor) -> jwt.Token:
    """Verify the session token as an edge does: by its kid, HS256 and nothing else."""
    with node.house.database.reading() as session:
        secrets = node.house.token_signing.token_keys.current_secrets(session)
    text = visitor.cookies[SESSION_TOKEN_COOKIE]
    assert len(text) < 1_500
    return jwt.decode(
        text, lambda one: OctKey.import_key(secrets[one.headers()["kid"]]), algorithms=["HS256"]
    )


def assertion_of(node: Bureau, visitor: Visitor) -> jwt.Token:
    """Verify the assertion as an application does: by the JWKS, which anybody may have."""
    document = node.visitor().get(JWKS).json()
    return jwt.decode(
        visitor.cookies[ASSERTION_COOKIE], KeySet.import_key_set(document), algorithms=["ES256"]
    )


def names_set(answer: Any) -> set[str]:
    return {line.split("=")[0] for line in answer.headers.get_list("set-cookie")}


def test_nothing_is_minted_before_the_password_reset(node: Bureau) -> None:
    """AMB-02: the initial password opens the reset alone, at applications too."""
    slip = node.register_unit()
    visitor = node.visitor(node.pick_up(slip))
    assert visitor.log_in(slip.username, slip.initial_password).status_code == 201
    assert SESSION_COOKIE in visitor.cookies
    assert not PAIR & set(visitor.cookies)
    sent_on = visitor.get("/session/token", params={"return": "/apps/reports"})
    assert sent_on.headers["location"] == "/password"
    told = visitor.get("/session/token", headers={"accept": "application/json"})
    assert told.status_code == 403
    assert not PAIR & set(visitor.cookies)

    assert visitor.reset(slip.initial_password).status_code == 204
    assert set(visitor.cookies) >= PAIR


def test_the_pair_says_who_is_there(node: Bureau) -> None:
    slip = node.register_unit(vip=True)
    visitor = node.arrive(slip)
    token, assertion = session_token_of(node, visitor), assertion_of(node, visitor)
    digest = hashlib.sha256(visitor.chain[0])

    assert token.header["typ"] == "JWT"
    assert token.claims["iss"] == PORTAL
    assert token.claims["aud"] == "localhost"
    assert token.claims["sub"] == slip.username
    assert token.claims["x5t"] == digest.hexdigest().upper()
    assert (token.claims["kind"], token.claims["class"]) == ("unit", "vip")
    assert token.claims["roles"] == ","
    assert token.claims["iat"] == int(node.clock.now().timestamp())
    assert token.claims["exp"] == token.claims["iat"] + 300
    text = visitor.cookies[ASSERTION_COOKIE]
    assert token.claims["ash"] == unpadded(hashlib.sha256(text.encode()).digest())

    assert assertion.header["typ"] == "certgate-assertion+jwt"
    assert assertion.claims["cnf"] == {"x5t#S256": unpadded(digest.digest())}
    for name in ("iss", "aud", "sub", "sid", "kind", "class", "iat", "exp"):
        assert assertion.claims[name] == token.claims[name]


def unpadded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def test_the_roles_of_an_officer_are_in_both(node: Bureau) -> None:
    visitor = node.arrive(node.register_officer("wang.fang", "auditor", "review_officer"))
    assert session_token_of(node, visitor).claims["roles"] == ",auditor,review_officer,"
    assert assertion_of(node, visitor).claims["roles"] == ["auditor", "review_officer"]


def test_each_cookie_is_of_this_host_alone(node: Bureau) -> None:
    slip = node.register_unit()
    visitor = node.arrive(slip)
    answer = visitor.log_in(slip.username, NEW_PASSWORD)
    assert names_set(answer) == PAIR | {SESSION_COOKIE}
    for line in answer.headers.get_list("set-cookie"):
        parts = {part.strip().lower() for part in line.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
        assert not any(part.startswith("domain") for part in parts)


def test_a_new_password_brings_a_new_pair(node: Bureau) -> None:
    visitor = node.arrive(node.register_unit())
    before = session_token_of(node, visitor).claims["sid"]
    assert visitor.reset(NEW_PASSWORD, "another quiet river").status_code == 204
    assert session_token_of(node, visitor).claims["sid"] != before


def test_logout_takes_the_pair_away_and_tells_the_edges(node: Bureau) -> None:
    visitor = node.arrive(node.register_unit())
    sid = session_token_of(node, visitor).claims["sid"]
    started = node.clock.now()
    node.clock.advance(minutes=1)
    answer = visitor.delete("/api/v1/session")
    assert names_set(answer) == PAIR | {SESSION_COOKIE}
    assert not set(visitor.cookies)
    with node.house.database.reading() as session:
        ended = find_ended_sessions(session, started)
    # The first session ended with the password reset.
    assert {(one.reason, str(one.id) == sid) for one in ended} == {
        ("password_changed", False),
        ("logout", True),
    }


def test_a_token_never_outlives_its_session(node: Bureau) -> None:
    slip = node.register_unit()
    visitor = node.arrive(slip)
    for _ in range(43):
        node.clock.advance(minutes=16, seconds=40)
        assert visitor.get("/session/token").status_code == 303
    ends_at = node.clock.now() + timedelta(hours=12) - timedelta(minutes=16, seconds=40) * 43
    assert timedelta(0) < ends_at - node.clock.now() < timedelta(minutes=5)
    assert session_token_of(node, visitor).claims["exp"] == int(ends_at.timestamp())


def test_an_ended_session_mints_nothing(node: Bureau) -> None:
    slip = node.register_unit()
    visitor = node.arrive(slip)
    with node.house.database.writing() as session:
        node.house.sessions.end_all_of_subscriber(session, slip.username, "suspended")
    answer = visitor.get("/session/token", params={"return": "/apps/reports"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    told = visitor.get("/session/token", headers={"accept": "application/json"})
    assert told.status_code == 401
    assert told.json()["type"].endswith("/login-required")


def test_a_program_gets_new_cookies_and_no_page(node: Bureau) -> None:
    visitor = node.arrive(node.register_unit())
    answer = visitor.get("/session/token", headers={"accept": "application/json"})
    assert answer.status_code == 204
    assert names_set(answer) == PAIR


def test_without_an_edge_nothing_is_minted(bureau: Bureau) -> None:
    visitor = bureau.arrive(bureau.register_unit())
    assert set(visitor.cookies) == {SESSION_COOKIE}
    assert visitor.get("/session/token").status_code == 404
    assert visitor.get(JWKS).status_code == 404


def test_the_jwks_is_public_at_both_doors(node: Bureau) -> None:
    at_portal = node.visitor().get(JWKS)
    at_public = Visitor(node.public).get(JWKS)
    assert at_portal.status_code == at_public.status_code == 200
    assert at_portal.json() == at_public.json()
    assert at_portal.headers["content-type"] == "application/jwk-set+json"
    assert "d" not in at_portal.json()["keys"][0]


def test_login_goes_on_while_the_keys_are_away(node: Bureau) -> None:
    """The portal itself needs no token; applications refuse, and that is all."""
    slip = node.register_unit()
    visitor = node.arrive(slip)
    node.house.token_signing.keys._opened.clear()
    node.house.token_signing.keys._sealing = None
    (node.house.ground.settings.data / "keys" / "token-sealing.pem").unlink()
    answer = visitor.log_in(slip.username, NEW_PASSWORD)
    assert answer.status_code == 201
    assert not PAIR & set(visitor.cookies)
    assert visitor.get("/session/token").status_code == 503
