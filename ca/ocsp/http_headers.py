"""What HTTP caches may do with an answer (RFC 5019 section 6, RFC 9111).

docs/decisions/0017-ocsp-caching.md has the reasons.
"""

import hashlib
from email.utils import format_datetime
from functools import lru_cache

from ca.ocsp.answers import Answer

# RFC 6960 appendix C.
OCSP_MEDIA_TYPE = "application/ocsp-response"

_MOST_KEPT = 4_096
# An answer to one asker (a nonce, a POST), or one that may be wrong in a
# moment (an error status, "unknown"), is not for anybody else.
_NEVER = (("cache-control", "no-store"),)
# A cache may keep the octets and asks before each use whether they still hold:
# "good" must not be heard again once there is a revocation.
_ASK_AGAIN = "public, max-age=0, must-revalidate, no-transform"


def post_headers() -> tuple[tuple[str, str], ...]:
    """Return the headers about caching of an answer to a POST."""
    return _NEVER


@lru_cache(_MOST_KEPT)
def get_headers(answer: Answer) -> tuple[tuple[str, str], ...]:
    """Return the headers about caching of an answer to a GET."""
    if not answer.is_shared:
        return _NEVER
    assert answer.this_update is not None
    assert answer.next_update is not None
    return (
        ("cache-control", _ASK_AGAIN),
        ("last-modified", format_datetime(answer.this_update, usegmt=True)),
        # Caches that know max-age do not look at it (RFC 9111 section 5.3).
        ("expires", format_datetime(answer.next_update, usegmt=True)),
        ("etag", etag_of(answer)),
    )


@lru_cache(_MOST_KEPT)
def etag_of(answer: Answer) -> str:
    """Return the entity tag (RFC 9110 section 8.8.3): other octets, another tag."""
    return f'"{hashlib.sha256(answer.der).hexdigest()}"'


def is_known_to_asker(answer: Answer, unverified_if_none_match: str | None) -> bool:
    """Return whether the asker has these octets already (RFC 9110 section 13.1.2).

    If-Modified-Since is not looked at: two answers may be of one second.
    """
    if unverified_if_none_match is None or not answer.is_shared:
        return False
    named = [tag.strip().removeprefix("W/") for tag in unverified_if_none_match.split(",")]
    return "*" in named or etag_of(answer) in named
