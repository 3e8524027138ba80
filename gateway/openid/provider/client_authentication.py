"""How an application proves that it is the one: two ways, neither with a shared secret."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from foundation.clock import Clock
from foundation.errors import Conflict
from gateway.openid.addresses import ASSERTION_ALGORITHMS
from gateway.openid.provider.client import Client
from gateway.openid.provider.requests import ProviderRequest
from gateway.openid.provider.used_assertions import UsedAssertions
from gateway.openid.registration.keys import key_set
from gateway.openid.registration.tls_names import has_name

FindClient = Callable[[str], Client | None]

_SKEW = timedelta(seconds=60)
# How far ahead one may expire is how long its identifier has to be remembered.
# Some libraries take ten minutes, and their clock may be a little ahead.
_LONGEST_LIFE = timedelta(minutes=15)
_LONGEST_ASSERTION = 8 * 1024
_LONGEST_JTI = 256
# One text for every refusal: which half was wrong is nobody's business.
_REFUSED = "The client could not be authenticated."


class PrivateKeyJwt(JWTBearerClientAssertion):  # type: ignore[misc]
    """An assertion signed by a registered key (OpenID Connect Core section 9, RFC 7523).

    The library finds the client and puts the steps in order; what an assertion
    must say is told here, with the house's clock.
    """

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, audiences: tuple[str, ...], clock: Clock, used: UsedAssertions) -> None:
        super().__init__()
        self._audiences = frozenset(audiences)
        self._clock = clock
        self._used = used

    def __call__(self, query_client: FindClient, request: ProviderRequest) -> Client | None:
        """Return the client, None when there is no assertion; raises `InvalidClientError`."""
        try:
            client: Client | None = super().__call__(query_client, request)
        except (ValueError, TypeError, KeyError, RecursionError) as unreadable:
            # Whatever a stranger's assertion makes a parser raise, it is refused.
            raise InvalidClientError(description=_REFUSED) from unreadable
        named = request.form.get("client_id")
        if client is not None and named is not None and named != client.get_client_id():
            # RFC 7521 section 4.2: the two MUST identify the same client.
            raise InvalidClientError(description=_REFUSED)
        return client

    def extract_assertion(self, assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return header and claims, neither verified."""
        if len(assertion) > _LONGEST_ASSERTION:
            raise InvalidClientError(description=_REFUSED)
        return super().extract_assertion(assertion)  # type: ignore[no-any-return]

    def resolve_client_public_key(self, client: Client) -> KeySet:
        """Return the registered keys."""
        if client.application.jwks is None:
            raise InvalidClientError(description=_REFUSED)
        return key_set(client.application.jwks)

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> dict[str, Any]:
        """Verify signature and claims; returns the claims."""
        name = jws.extract_compact(assertion.encode("ascii")).headers().get("kid")
        named = [key for key in resolve_key if key.kid == name]
        # A key registered as PEM has a name that its owner may not know.
        for key in named or list(resolve_key):
            claims = _find_claims(assertion, key)
            if claims is not None:
                self.verify_claims(claims)
                return claims
        raise InvalidClientError(description=_REFUSED)

    def verify_claims(self, claims: dict[str, Any]) -> None:
        """Raise `InvalidClientError` unless the claims are those of RFC 7523 section 3.

        Every audience must be us: an assertion that also names somebody else
        could be presented here by them.
        """
        now, client_id, jti = self._clock.now(), claims.get("sub"), claims.get("jti")
        expires_at, issued_at = _moment(claims.get("exp")), _moment(claims.get("iat", 0))
        not_before = _moment(claims.get("nbf", 0))
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        is_good = (
            isinstance(client_id, str)
            and claims.get("iss") == client_id
            and bool(audiences)
            and all(isinstance(each, str) and each in self._audiences for each in audiences)
            and isinstance(jti, str)
            and 0 < len(jti) <= _LONGEST_JTI
            and expires_at is not None
            and now - _SKEW < expires_at <= now + _LONGEST_LIFE
            and issued_at is not None
            and issued_at <= now + _SKEW
            and not_before is not None
            and not_before <= now + _SKEW
        )
        if not is_good:
            raise InvalidClientError(description=_REFUSED)
        assert isinstance(client_id, str)
        assert isinstance(jti, str)
        assert expires_at is not None
        try:
            # Last: what is refused for another reason leaves nothing behind.
            self._used.use(client_id, jti, expires_at + _SKEW)
        except Conflict as replay:
            raise InvalidClientError(description=_REFUSED) from replay


def tls_client_auth(query_client: FindClient, request: ProviderRequest) -> Client | None:
    """Return the client whose registered name the connection's certificate has (RFC 8705 2.1).

    Path, revocation and purpose of the certificate were verified by admission.
    Returns None without a certificate or a client identifier, or when another
    method is registered.
    """
    client_id = request.form.get("client_id")
    if request.presented is None or client_id is None:
        return None
    client = query_client(client_id)
    if client is None or client.application.tls_name is None:
        return None
    if not has_name(request.presented.certificate, client.application.tls_name):
        raise InvalidClientError(description=_REFUSED)
    return client


def _find_claims(assertion: str, key: Key) -> dict[str, Any] | None:
    try:
        return jwt.decode(assertion, key, list(ASSERTION_ALGORITHMS)).claims
    except JoseError:
        return None


def _moment(value: object) -> datetime | None:
    """Return a NumericDate (RFC 7519 section 2) as a time, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
