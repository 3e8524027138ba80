"""Where the provider's endpoints are.

The issuer is the public door: an application reads the metadata and calls the
token endpoint from its server, where it has no subscriber's certificate. People
are asked on the portal door, which asks for theirs. Applications that have a
certificate themselves find the same calls there (RFC 8705 section 5).
"""

from dataclasses import dataclass

# The authentication context class of every login here.
CONTEXT_CLASS = "urn:certgate:acr:certificate-and-password"

METADATA = "/.well-known/openid-configuration"
JWKS = "/openid/jwks.json"
TOKEN = "/openid/token"  # noqa: S105 - a path
USERINFO = "/openid/userinfo"
AUTHORIZE = "/openid/authorize"
END_SESSION = "/openid/end-session"

# By method, as the portal's admission asks.
WITH_CERTIFICATE_ALONE = frozenset({("POST", TOKEN), ("GET", USERINFO), ("POST", USERINFO)})
WITH_OR_WITHOUT_SESSION = frozenset(
    (method, path) for method in ("GET", "POST") for path in (AUTHORIZE, END_SESSION)
)
# An application's page may post a browser here (OpenID Connect Core section 3.1.2.1).
FROM_ANY_SITE = frozenset({AUTHORIZE})

# No symmetric algorithm, no "none"; RSA with SHA-256 in both paddings.
ASSERTION_ALGORITHMS = ("ES256", "ES384", "PS256", "RS256")


@dataclass(frozen=True)
class Addresses:
    """The endpoints of one installation."""

    public_url: str
    portal_url: str

    @property
    def issuer(self) -> str:
        """The issuer identifier (OpenID Connect Core 1.0 section 1.2)."""
        return self.public_url

    @property
    def authorize(self) -> str:
        """Where browsers are sent to be asked who they are."""
        return self.portal_url + AUTHORIZE

    @property
    def audiences(self) -> tuple[str, ...]:
        """By which names an assertion may mean us (RFC 7523 section 3, RFC 8705 section 5)."""
        return (self.issuer, self.public_url + TOKEN, self.portal_url + TOKEN)

    def metadata(self) -> dict[str, object]:
        """Return the metadata (Discovery 1.0 section 3, RFC 8414, RFC 8705, RFC 9207)."""
        public, portal = self.public_url, self.portal_url
        return {
            "issuer": self.issuer,
            "authorization_endpoint": self.authorize,
            "token_endpoint": public + TOKEN,
            "userinfo_endpoint": public + USERINFO,
            "jwks_uri": public + JWKS,
            "end_session_endpoint": portal + END_SESSION,
            "mtls_endpoint_aliases": {
                "token_endpoint": portal + TOKEN,
                "userinfo_endpoint": portal + USERINFO,
            },
            "scopes_supported": ["openid", "profile"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "tls_client_auth"],
            "token_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
            "code_challenge_methods_supported": ["S256"],
            "acr_values_supported": [CONTEXT_CLASS],
            "claims_supported": [
                "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid",
                "at_hash", "name", "preferred_username", "kind", "unit_class", "roles",
                "certificate",
            ],
            "ui_locales_supported": ["zh-CN", "en"],
            "prompt_values_supported": ["none", "login"],
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "tls_client_certificate_bound_access_tokens": True,
            "authorization_response_iss_parameter_supported": True,
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
        }  # fmt: skip
