"""What the tokens say (docs/decisions/0021)."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from gateway.edge.tokens.claims import (
    Bearer,
    Validity,
    assertion_claims,
    session_token_claims,
)
from policies.principal import Principal

DIGEST = hashlib.sha256(b"a certificate").hexdigest().upper()
NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
VALIDITY = Validity("https://portal.example:9443", "apps.example", NOW, NOW + timedelta(minutes=5))
UNIT = Principal("wh000123", "武汉", "unit", unit_class="vip")
OFFICER = Principal("wang", "王芳", "officer", roles=frozenset({"review_officer", "auditor"}))


def test_the_session_token_says_flatly_what_an_edge_compares() -> None:
    claims = session_token_claims(Bearer(UNIT, 42, DIGEST), VALIDITY, "an.assertion.text")
    assert claims == {
        "iss": "https://portal.example:9443",
        "aud": "apps.example",
        "iat": 1_767_323_045,
        "exp": 1_767_323_345,
        "sub": "wh000123",
        "sid": "42",
        "x5t": DIGEST,
        "kind": "unit",
        "class": "vip",
        "roles": ",",
        "ash": base64.urlsafe_b64encode(hashlib.sha256(b"an.assertion.text").digest())
        .decode()
        .rstrip("="),
    }


@pytest.mark.parametrize(
    ("roles", "said"),
    [((), ","), (("auditor",), ",auditor,"), (("b", "a"), ",a,b,")],
)
def test_a_role_is_found_between_commas(roles: tuple[str, ...], said: str) -> None:
    principal = Principal("wang", "王芳", "officer", roles=frozenset(roles))
    claims = session_token_claims(Bearer(principal, 1, DIGEST), VALIDITY, "")
    assert claims["roles"] == said
    assert claims["class"] == ""


def test_the_assertion_is_bound_to_the_certificate() -> None:
    """RFC 8705 section 3.1."""
    claims = assertion_claims(Bearer(OFFICER, 42, DIGEST), VALIDITY)
    cnf = claims["cnf"]
    assert isinstance(cnf, dict)
    assert base64.urlsafe_b64decode(cnf["x5t#S256"] + "=").hex().upper() == DIGEST
    assert claims["roles"] == ["auditor", "review_officer"]
    assert claims["class"] is None
    assert "x5t" not in claims
