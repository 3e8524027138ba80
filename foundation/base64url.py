"""base64url without padding, as JOSE writes octets (RFC 7515 section 2)."""

import base64


def base64url(octets: bytes) -> str:
    """Return `octets` as text that is safe in URLs, headers and cookies."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
