"""The two purposes of keys here."""

from datetime import timedelta

from gateway.signing_keys import KeyPurpose
from policies.edge import EdgeParameters

# An edge hears of a new key within a second, and of everything anew after a gap.
_ANNOUNCED_TO_EDGES = timedelta(minutes=10)
# Applications keep the JWKS for as long as its answer says, and some for longer.
_ANNOUNCED_TO_APPLICATIONS = timedelta(hours=2)
# Clocks of nodes and edges differ a little.
_SLACK = timedelta(minutes=1)


def session_token_purpose(rules: EdgeParameters) -> KeyPurpose:
    """Return what signs session tokens: HS256, the one that HAProxy verifies cheaply."""
    return KeyPurpose(
        "session-token",
        "HS256",
        signs_for=rules.token_key,
        announced=_ANNOUNCED_TO_EDGES,
        accepted_after=rules.token_lifetime + _SLACK,
    )


def assertion_purpose(rules: EdgeParameters) -> KeyPurpose:
    """Return what signs assertions: ES256, so that no application could sign one itself."""
    return KeyPurpose(
        "assertion",
        "ES256",
        signs_for=rules.assertion_key,
        announced=_ANNOUNCED_TO_APPLICATIONS,
        accepted_after=rules.token_lifetime + _SLACK,
    )
