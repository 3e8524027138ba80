"""What stands in a session token and in an assertion (docs/decisions/0021).

The session token is for edges alone: HAProxy verifies it on every request and
can read nothing but flat claims, so there are no lists and no objects in it.
The assertion is for applications behind an edge, which verify it with the
JWKS; it says the same in the words of the standards.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from foundation.base64url import base64url
from policies.principal import Principal

SESSION_TOKEN_COOKIE = "__Host-certgate-edge"  # noqa: S105  # a name
ASSERTION_COOKIE = "__Host-certgate-assertion"
# RFC 8725 section 3.11: explicit types, so that neither passes for the other.
SESSION_TOKEN_TYPE = "JWT"  # noqa: S105  # a name
ASSERTION_TYPE = "certgate-assertion+jwt"


@dataclass(frozen=True)
class Bearer:
    """Of whom a token speaks: a principal in a session, with the certificate it is bound to.

    `certificate_sha256` is in upper-case hex.
    """

    principal: Principal
    session_id: int
    certificate_sha256: str


@dataclass(frozen=True)
class Validity:
    """Who says it (the portal's URL), for which host, and for how long."""

    issuer: str
    host: str
    issued_at: datetime
    expires_at: datetime

    def claims(self) -> dict[str, object]:
        """Return the registered claims (RFC 7519 section 4.1); times in whole Unix seconds."""
        return {
            "iss": self.issuer,
            "aud": self.host,
            "iat": int(self.issued_at.timestamp()),
            "exp": int(self.expires_at.timestamp()),
        }


def session_token_claims(bearer: Bearer, validity: Validity, assertion: str) -> dict[str, object]:
    """Return the claims of the session token that goes with `assertion`.

    `x5t` is what HAProxy calls ``ssl_c_der,sha2(256),hex``; `roles` has a comma
    on both sides of each, so that one is found as ``,role,``; `ash` is the
    base64url SHA-256 of the assertion.
    """
    principal = bearer.principal
    return {
        **validity.claims(),
        "sub": principal.username,
        "sid": str(bearer.session_id),
        "x5t": bearer.certificate_sha256,
        "kind": principal.kind,
        "class": principal.unit_class or "",
        "roles": f",{''.join(f'{role},' for role in sorted(principal.roles))}",
        "ash": base64url(hashlib.sha256(assertion.encode()).digest()),
    }


def assertion_claims(bearer: Bearer, validity: Validity) -> dict[str, object]:
    """Return the claims of the assertion; `cnf` binds it to the certificate (RFC 8705 3.1)."""
    principal = bearer.principal
    digest = base64url(bytes.fromhex(bearer.certificate_sha256))
    return {
        **validity.claims(),
        "sub": principal.username,
        "sid": str(bearer.session_id),
        "kind": principal.kind,
        "class": principal.unit_class,
        "roles": sorted(principal.roles),
        "cnf": {"x5t#S256": digest},
    }
