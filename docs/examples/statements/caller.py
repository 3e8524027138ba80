"""Who is calling: the ten lines that an application behind the edge needs.

The edge has verified certificate and session and says who it is in X-CertGate-*
headers. Whoever reaches this service past the edge could write those too. The
assertion cannot be written: it is signed by the portal and verified here.
"""

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

_JWKS = "/.well-known/certgate/jwks.json"


class Callers:
    """Verifies assertions for one host, by the keys that the portal publishes."""

    def __init__(self, portal: httpx.Client, issuer: str, host: str) -> None:
        """`portal` asks the portal, whose URL is `issuer`; `host` is the name people type."""
        self._portal = portal
        self._keys = KeySet([])
        self._claims = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": host},
            exp={"essential": True},
            sub={"essential": True},
        )

    def verify(self, assertion: str) -> dict[str, object]:
        """Return the claims; raises `JoseError` for whatever does not verify.

        Raises `httpx.HTTPError` when a key is new here and the portal cannot be asked.
        """
        try:
            token = jwt.decode(assertion, self._keys, algorithms=["ES256"])
        except InvalidKeyIdError:
            # A name not heard of before: keys change now and then.
            keys = self._portal.get(_JWKS).raise_for_status()
            self._keys = KeySet.import_key_set(keys.json())
            token = jwt.decode(assertion, self._keys, algorithms=["ES256"])
        if token.header.get("typ") != "certgate-assertion+jwt":
            raise JoseError("not an assertion")
        self._claims.validate(token.claims)
        return dict(token.claims)
