"""The one table from failures to HTTP status codes (RFC 9110, section 15)."""

from foundation.errors import (
    Conflict,
    Denied,
    Failure,
    Invalid,
    NotFound,
    Throttled,
    Unavailable,
)

BY_KIND: dict[type[Failure], int] = {
    Invalid: 422,
    NotFound: 404,
    Conflict: 409,
    Denied: 403,
    Throttled: 429,
    Unavailable: 503,
}

BY_CODE = {
    "login-required": 401,
    "credentials-wrong": 401,
    "malformed-request": 400,
    "openid-client-unknown": 400,
    "openid-redirect-refused": 400,
    "method-not-allowed": 405,
    "length-required": 411,
    "payload-too-large": 413,
    "upload-too-large": 413,
    "media-type-unsupported": 415,
    "misdirected-request": 421,
}

CODE_OF_STATUS = {
    400: "malformed-request",
    401: "login-required",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    413: "payload-too-large",
    415: "media-type-unsupported",
}

UNEXPECTED = "unexpected"


def status_of(failure: Failure) -> int:
    """Return the status for `failure`: by its code, else by its kind."""
    if failure.code in BY_CODE:
        return BY_CODE[failure.code]
    for kind in type(failure).__mro__:
        if kind in BY_KIND:
            return BY_KIND[kind]
    return 500
