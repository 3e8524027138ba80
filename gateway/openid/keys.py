"""What ID tokens and logout tokens are signed with, and verified by when they come back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, get_args

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from foundation.database import Database
from foundation.errors import Unavailable
from gateway.signing_keys import KeyPurpose, SigningKey, SigningKeys

TokenAlgorithm = Literal["ES256", "RS256"]
# RS256 is for applications whose library knows nothing else: every provider
# MUST have it (OpenID Connect Core section 15.1).
ALGORITHMS: tuple[TokenAlgorithm, ...] = get_args(TokenAlgorithm)


def _purpose(algorithm: TokenAlgorithm) -> KeyPurpose:
    return KeyPurpose(
        f"openid-{algorithm.lower()}",
        algorithm,
        signs_for=timedelta(days=30),
        # Applications keep the published keys as long as the answer says, and some longer.
        announced=timedelta(hours=2),
        # An ID token comes back as a hint at the end of a session, long after it has expired.
        accepted_after=timedelta(days=1),
    )


PURPOSES: Mapping[TokenAlgorithm, KeyPurpose] = {name: _purpose(name) for name in ALGORITHMS}


class ProviderKeys:
    """The keys of the provider, one purpose for each algorithm. Opens its own transactions."""

    def __init__(
        self,
        database: Database,
        keys: SigningKeys,
        rotate_due: Callable[[TokenAlgorithm], None],
    ) -> None:
        """`rotate_due` makes the first key of an algorithm, when no job has made it yet."""
        self._database = database
        self._keys = keys
        self._rotate_due = rotate_due

    def signing_key(self, algorithm: TokenAlgorithm) -> SigningKey:
        """Return the key that signs now; raises `Unavailable` ("signing-keys-sealed")."""
        try:
            return self._find(algorithm)
        except Unavailable as failure:
            if failure.code != "signing-key-missing":
                raise
        self._rotate_due(algorithm)
        return self._find(algorithm)

    def published(self) -> dict[str, list[dict[str, Any]]]:
        """Return the public keys as a JWK set: the next one, the one in use, those just retired."""
        published = self._find_published()
        if not published["keys"]:
            self._rotate_due("ES256")
            published = self._find_published()
        return published

    def _find_published(self) -> dict[str, list[dict[str, Any]]]:
        with self._database.reading() as session:
            return self._keys.jwks(session, *PURPOSES.values())

    def _find(self, algorithm: TokenAlgorithm) -> SigningKey:
        with self._database.reading() as session:
            return self._keys.signing_key(session, PURPOSES[algorithm])


@dataclass(frozen=True)
class TokenSigner:
    """Signs and verifies the tokens of one issuer."""

    issuer: str
    keys: ProviderKeys

    def sign(self, claims: dict[str, Any], algorithm: TokenAlgorithm, *, kind: str) -> str:
        """Return the claims as a signed JWT with ``iss``; `kind` is its ``typ``."""
        key = self.keys.signing_key(algorithm)
        return jwt.encode(key.header(kind), {"iss": self.issuer, **claims}, key.jose, [algorithm])

    def find_own_id_token(self, unverified_token: str) -> dict[str, Any] | None:
        """Return the claims of an ID token that this issuer signed, or None.

        Its expiry is not looked at: as a hint an old one is as good (RP-Initiated
        Logout 1.0 section 2).
        """
        published = self.keys.published()
        try:
            keys = KeySet.import_key_set(published)  # type: ignore[arg-type]
            token = jwt.decode(unverified_token, keys, list(ALGORITHMS))
        except (JoseError, ValueError, TypeError, RecursionError):
            # Whatever a stranger's text makes the parser raise: it is none of ours.
            return None
        if token.header.get("typ") != "JWT" or token.claims.get("iss") != self.issuer:
            return None
        return token.claims
