"""What signs tokens, put together; also for an agent, which builds no house."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from enrollment.services import EnrollmentServices
from foundation.errors import Unavailable
from foundation.settings import Settings
from gateway.composition.ground import Ground
from gateway.composition.keys import server_keys
from gateway.edge.routes import Routes, RoutesError
from gateway.edge.tokens.keys import TokenKeys
from gateway.edge.tokens.minting import Minting
from gateway.edge.tokens.purposes import assertion_purpose, session_token_purpose
from gateway.edge.tokens.return_target import ReturnTargets
from gateway.edge.tokens.service import EdgeTokens
from gateway.edge.tokens.visits import Visits
from gateway.sessions import Sessions
from gateway.signing_keys import KeyPurpose, KeyRotation, SigningKeys
from gateway.signing_keys.sealing import open_sealing


@dataclass(frozen=True)
class TokenSigning:
    """The keys of an installation's tokens, and their rotation."""

    keys: SigningKeys
    token_keys: TokenKeys
    session_tokens: KeyPurpose
    assertions: KeyPurpose
    rotation: KeyRotation


def signing_keys(ground: Ground) -> SigningKeys:
    """Return the keys of all purposes, sealed as the settings say; opened at the first need."""
    settings = ground.settings
    return SigningKeys(
        ground.clock,
        lambda: open_sealing(
            lambda: server_keys(settings, ground.randomness),
            settings.token_key_file,
            ground.randomness,
        ),
    )


def token_signing(ground: Ground) -> TokenSigning:
    """Return the keys; nothing is made or opened yet. Nodes behind an edge rotate them."""
    rules = ground.parameters.edge
    keys = signing_keys(ground)
    session_tokens, assertions = session_token_purpose(rules), assertion_purpose(rules)
    return TokenSigning(
        keys=keys,
        token_keys=TokenKeys(keys, session_tokens),
        session_tokens=session_tokens,
        assertions=assertions,
        rotation=KeyRotation(
            ground.database,
            ground.audit,
            ground.clock,
            ground.randomness,
            keys,
            (session_tokens, assertions),
        ),
    )


def edge_tokens(
    ground: Ground,
    signing: TokenSigning,
    sessions: Sessions,
    enrollment: EnrollmentServices,
    read_routes: Callable[[], Routes],
) -> EdgeTokens | None:
    """Return what mints for edges, or None where there is none in front."""
    settings, rules = ground.settings, ground.parameters.edge
    if settings.edge_port is None:
        return None
    return EdgeTokens(
        ground.database,
        Minting(
            ground.clock,
            signing.keys,
            session_tokens=signing.session_tokens,
            assertions=signing.assertions,
            issuer=settings.portal_url,
            lifetime=rules.token_lifetime,
        ),
        Visits(ground.clock, ground.randomness),
        ReturnTargets(settings.portal_url, lambda: read_routes().hosts()),
        sessions,
        enrollment.principals,
        enrollment.authenticators,
    )


def routes_reader(settings: Settings) -> Callable[[], Routes]:
    """Return what reads the applications behind the edge, once, when they are first needed.

    Not at once: a command must be able to revoke beside a broken ``routes.toml``.
    It raises `Unavailable` ("routes-unusable").
    """

    @cache
    def read() -> Routes:
        try:
            return Routes.load(settings.resolved_routes)
        except RoutesError as unusable:
            raise Unavailable("routes-unusable", problem=str(unusable)) from unusable

    return read
