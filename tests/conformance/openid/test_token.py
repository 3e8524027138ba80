"""The token endpoint and ID tokens: Core 2, 3.1.3 and 9, RFC 6749 4.1.3 and 5.2, RFC 7523, 7636."""

import base64
import hashlib
import json
from typing import Any

import pytest
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from tests.support.bureau import PORTAL
from tests.support.relying_party import (
    PUBLIC,
    TOKEN_ENDPOINT,
    LoginHouse,
    Party,
    digest_of,
    who_is,
)


def test_a_code_becomes_tokens(house: LoginHouse, party: Party) -> None:
    """Core 3.1.3.3: an ID token and an access token; no refresh token."""
    answer = party.exchange(house.public, party.code(house.unit))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    tokens = answer.json()
    assert tokens.keys() == {"access_token", "token_type", "expires_in", "scope", "id_token"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 300)
    info = who_is(house.public, tokens["access_token"])
    assert info.status_code == 200
    assert info.json()["sub"] == house.username
    assert info.json()["name"] == "武汉江城精密制造有限公司"


def test_the_id_token_says_who_when_how_and_for_whom(house: LoginHouse, party: Party) -> None:
    """Core 2, 3.1.3.6 (at_hash), RFC 8176 (amr)."""
    tokens = party.exchange(house.public, party.code(house.unit)).json()
    claims = house.claims(tokens["id_token"])
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    expected = {
        "iss": PUBLIC,
        "sub": house.username,
        "aud": "statements",
        "nonce": "n0nce",
        "acr": "urn:certgate:acr:certificate-and-password",
        "amr": ["pwd", "pop", "mfa"],
        "kind": "unit",
        "unit_class": "ordinary",
        "roles": [],
        "name": "武汉江城精密制造有限公司",
        "preferred_username": house.username,
        "certificate": {"x5t#S256": digest_of(house.chain[0])},
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
    }
    assert {name: claims[name] for name in expected} == expected
    assert claims.keys() == expected.keys() | {"iat", "exp", "auth_time", "sid"}
    now = int(house.bureau.clock.now().timestamp())
    assert (claims["iat"], claims["exp"] - claims["iat"]) == (now, 300)
    options: Any = {"iss": {"values": [PUBLIC]}, "aud": {"values": ["statements"]}}
    checked = CodeIDToken(claims, {"alg": "ES256"}, options, {"nonce": "n0nce"})
    checked.validate(now=now)


def test_without_the_scope_there_is_no_name_and_without_a_nonce_none(
    house: LoginHouse, party: Party
) -> None:
    """Core 5.4; claims of rights are always there: the application decides by them."""
    code = party.code(house.unit, scope="openid", nonce=None)
    claims = house.claims(party.exchange(house.public, code).json()["id_token"])
    assert not {"name", "preferred_username", "nonce"} & claims.keys()
    assert claims["kind"] == "unit"


def test_who_knows_rs256_only_is_answered_so(house: LoginHouse) -> None:
    """Core 15.1: every provider MUST be able to; the key is published beside the other."""
    party = house.party("old-library", signature_algorithm="RS256")
    id_token = party.exchange(house.public, party.code(house.unit)).json()["id_token"]
    keys = KeySet.import_key_set(house.public.get("/openid/jwks.json").json())
    token = jwt.decode(id_token, keys, ["RS256"])
    assert token.claims["aud"] == "old-library"
    assert token.header["kid"] in {key.kid for key in keys}
    assert {key.key_type for key in keys} == {"EC", "RSA"}


def test_a_code_is_good_once_and_takes_back_what_it_gave(house: LoginHouse, party: Party) -> None:
    """RFC 6749 4.1.2, RFC 9700 4.5."""
    code = party.code(house.unit)
    tokens = party.exchange(house.public, code).json()
    assert who_is(house.public, tokens["access_token"]).status_code == 200
    again = party.exchange(house.public, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    gone = who_is(house.public, tokens["access_token"])
    assert gone.status_code == 401
    assert 'error="invalid_token"' in gone.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "another-verifier-that-has-just-as-many-characters"}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"redirect_uri": "https://app.example/other"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
    ],
)
def test_a_code_shown_with_the_wrong_other_half_is_used_up(
    house: LoginHouse, party: Party, changed: dict[str, str | None], error: str
) -> None:
    """RFC 7636 4.6, RFC 6749 4.1.3: whoever shows it so has only seen it."""
    code = party.code(house.unit)
    assert party.exchange(house.public, code, **changed).json()["error"] == error
    assert party.exchange(house.public, code).json()["error"] == "invalid_grant"


def test_a_code_ends_after_a_minute(house: LoginHouse, party: Party) -> None:
    """RFC 6749 4.1.2: short, against leaks."""
    early, late = party.code(house.unit), party.code(house.unit)
    house.bureau.clock.advance(seconds=59)
    assert party.exchange(house.public, early).status_code == 200
    house.bureau.clock.advance(seconds=1)
    assert party.exchange(house.public, late).json()["error"] == "invalid_grant"


def test_another_application_can_do_nothing_with_a_code(
    house: LoginHouse, party: Party, other: Party
) -> None:
    """RFC 6749 4.1.3; nor can it spoil it for the one it is for."""
    code = party.code(house.unit)
    assert other.exchange(house.public, code).json()["error"] == "invalid_grant"
    assert party.exchange(house.public, code).status_code == 200


@pytest.mark.parametrize(
    "code", ["", "x", "\ud800", "x" * 5000, "' OR 1=1"], ids=["empty", "x", "half", "long", "sql"]
)
def test_a_code_nobody_gave_is_refused(house: LoginHouse, party: Party, code: str) -> None:
    body = party.form("-")
    encoded = "&".join(
        [
            *(f"{name}={value}" for name, value in body.items() if name != "code"),
            "code=%ED%A0%80" if code == "\ud800" else f"code={code}",
        ]
    )
    answer = house.public.post(
        "/openid/token",
        content=encoded.encode(),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_grant", "invalid_request"}


def test_a_code_dies_with_the_session(house: LoginHouse, party: Party) -> None:
    visitor = house.log_in_again()
    code = party.code(visitor)
    assert visitor.delete("/api/v1/session").status_code == 204
    assert party.exchange(house.public, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("grant", ["refresh_token", "password", "client_credentials", 'x"é'])
def test_only_codes_are_exchanged(house: LoginHouse, party: Party, grant: str) -> None:
    """RFC 6749 5.2."""
    answer = party.exchange(house.public, "x", grant_type=grant)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


# -- client assertions --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://elsewhere.example/token"},
        {"aud": [TOKEN_ENDPOINT, "https://elsewhere.example"]},
        {"aud": []},
        {"aud": None},
        {"iss": "archive"},
        {"iss": None},
        {"sub": "archive"},
        {"sub": None},
        {"sub": ["statements"]},
        {"sub": "nobody"},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "j" * 300},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 1},
        {"exp": 10**30},
        {"exp": float("inf")},
        {"exp": True},
        {"exp": 99_999_999_999},
        {"nbf": 99_999_999_999},
        {"iat": 99_999_999_999},
    ],
)
def test_an_assertion_says_who_to_whom_and_until_when(
    house: LoginHouse, party: Party, other: Party, claims: dict[str, Any]
) -> None:
    """RFC 7523 3: each claim, and every audience must be us."""
    answer = party.exchange(house.public, "x", **assertion(party.assertion(**claims)))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


@pytest.mark.parametrize("audience", [PUBLIC, [PUBLIC], TOKEN_ENDPOINT, f"{PORTAL}/openid/token"])
def test_we_have_three_names(house: LoginHouse, party: Party, audience: Any) -> None:
    """RFC 7523 3, RFC 8705 5: issuer, token endpoint, its alias."""
    code = party.code(house.unit)
    given = assertion(party.assertion(aud=audience))
    assert party.exchange(house.public, code, **given).status_code == 200


def test_an_assertion_is_accepted_once(house: LoginHouse, party: Party) -> None:
    """RFC 7523 3, item 7."""
    given = assertion(party.assertion())
    assert party.exchange(house.public, party.code(house.unit), **given).status_code == 200
    again = party.exchange(house.public, party.code(house.unit), **given)
    assert again.json()["error"] == "invalid_client"


def test_a_refused_assertion_does_not_use_up_its_name(house: LoginHouse, party: Party) -> None:
    """Or anybody who guesses a jti could lock the application out."""
    forged = jwt.encode(
        {"alg": "ES256"},
        {"iss": "statements", "sub": "statements", "aud": PUBLIC, "jti": "guessed", "exp": 2**31},
        ECKey.generate_key("P-256"),
    )
    assert party.exchange(house.public, "x", **assertion(forged)).json()["error"] == (
        "invalid_client"
    )
    good = assertion(party.assertion(jti="guessed"))
    assert party.exchange(house.public, party.code(house.unit), **good).status_code == 200


def test_an_assertion_s_algorithm_is_not_its_own_choice(house: LoginHouse, party: Party) -> None:
    """RFC 8725 3.1: no "none", no public key as a shared secret, no other key."""
    claims = jwt.decode(party.assertion(), party.key, ["ES256"]).claims
    public_pem = party.key.as_pem(private=False)
    rsa = RSAKey.generate_key(2048)
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    secret = OctKey.import_key(base64.urlsafe_b64encode(public_pem).decode())
    for forged in (
        f"{header}.{payload}.",
        jwt.encode({"alg": "HS256"}, claims, secret, ["HS256"]),
        jwt.encode({"alg": "RS256"}, claims, rsa, ["RS256"]),
        jwt.encode({"alg": "ES256"}, claims, ECKey.generate_key("P-256")),
        jwt.encode({"alg": "ES256", "kid": "../../etc"}, claims, ECKey.generate_key("P-256")),
    ):
        answer = party.exchange(house.public, "x", **assertion(forged))
        assert answer.json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "..",
        "é.é.é",
        "a" * 9000,
        ".".join([base64.urlsafe_b64encode(b"[" * 3000).decode().rstrip("=")] * 3),
        "eyJhbGciOiJFUzI1NiJ9.{deep}.x",
        "eyJhbGciOiJFUzI1NiJ9.W10.x",
        "eyJhbGciOiLDqVwiIn0.e30.x",
    ],
)
def test_an_assertion_nobody_can_read_is_refused(
    house: LoginHouse, party: Party, text: str
) -> None:
    """Bad input is never a fault of ours."""
    deep = base64.urlsafe_b64encode(b'{"sub":' + b"[" * 3000).decode().rstrip("=")
    answer = party.exchange(house.public, "x", **assertion(text.replace("{deep}", deep)))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


@pytest.mark.parametrize(
    "form",
    [
        {"client_id": "statements"},
        {"client_id": "statements", "client_secret": "secret"},
        {"client_id": "nobody"},
        {"client_id": "no\0body"},
    ],
)
def test_a_name_alone_authenticates_nobody(
    house: LoginHouse, party: Party, form: dict[str, str]
) -> None:
    """Confidential clients only; no secrets, no public clients."""
    answer = party.exchange(house.public, party.code(house.unit), **form)
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_client", "invalid_request"}


def test_the_client_named_beside_an_assertion_is_the_same(house: LoginHouse, party: Party) -> None:
    """RFC 7521 4.2."""
    given = {**assertion(party.assertion()), "client_id": "archive"}
    assert party.exchange(house.public, "x", **given).json()["error"] == "invalid_client"
    given = {**assertion(party.assertion()), "client_id": "statements"}
    assert party.exchange(house.public, party.code(house.unit), **given).status_code == 200


def test_a_repeated_field_and_another_form_are_refused(house: LoginHouse, party: Party) -> None:
    """RFC 6749 3.2."""
    form = party.form(party.code(house.unit))
    answer = house.public.post("/openid/token", data={**form, "scope": ["openid", "openid"]})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    answer = house.public.post("/openid/token", json=form)
    assert (answer.status_code, answer.json()) == (415, {"error": "invalid_request"})


def assertion(text: str) -> dict[str, str | None]:
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return {"client_assertion_type": kind, "client_assertion": text}
