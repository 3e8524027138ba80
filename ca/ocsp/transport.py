"""OCSP over HTTP GET (RFC 6960 appendix A.1)."""

import base64
import binascii

from ca.ocsp.request import LONGEST_REQUEST

# Base64 needs four characters for three octets.
_LONGEST_PATH = LONGEST_REQUEST * 4 // 3 + 4
_NOT_A_REQUEST = b""


def decode_path(unverified_path: str) -> bytes:
    """Return the request out of a path that is URL-decoded already.

    Base64 contains "/" and "+", so the path may have slashes of its own.
    Missing padding is forgiven, since some proxies drop it. What is not Base64
    becomes no octets at all, which the responder refuses as malformed.
    """
    text = unverified_path.rstrip("=")
    if len(text) > _LONGEST_PATH:
        return _NOT_A_REQUEST
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return _NOT_A_REQUEST
