"""Reasons for revocation by their names (RFC 5280 section 5.3.1)."""

from cryptography import x509

from foundation.errors import Invalid

UNSPECIFIED = "unspecified"
HOLD = "certificateHold"

# Those a subscriber's certificate can be revoked for. cACompromise and
# aACompromise speak of authorities; removeFromCRL occurs in delta CRLs only.
REASONS: tuple[str, ...] = (
    "keyCompromise",
    "superseded",
    "cessationOfOperation",
    "affiliationChanged",
    "privilegeWithdrawn",
    HOLD,
    UNSPECIFIED,
)


def read_reason(unverified_name: str) -> str:
    """Return the reason's name; raises `Invalid` for any that is not in `REASONS`."""
    if unverified_name not in REASONS:
        raise Invalid("revocation-reason-unknown", field="reason")
    return unverified_name


def reason_flag(reason: str | None) -> x509.ReasonFlags | None:
    """Return the code to publish; None for "unspecified", which SHOULD be absent."""
    if reason is None or reason == UNSPECIFIED:
        return None
    return x509.ReasonFlags(reason)
