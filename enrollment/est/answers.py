"""Answers of EST: media types, and failures as plain text.

A failure is text/plain for a person who reads a log (RFC 7030 section 4.2.3,
RFC 8951 section 5). A certificate that is not ready yet is no failure: 202 with
the time after which the same request is to be repeated.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import timedelta

from cryptography import x509
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from enrollment.certification import CertificatePending
from enrollment.est.credentials import CHALLENGE
from enrollment.est.encoding import certs_only, write_body
from enrollment.est.paths import PREFIX
from foundation.errors import Failure, Invalid, Throttled, Unavailable
from foundation.i18n import Translator
from foundation.randomness import Randomness
from foundation.web.problem import problem_of
from foundation.web.requests import request_id_of
from foundation.web.statuses import BY_CODE, status_of

PKCS10 = "application/pkcs10"
PKCS8 = "application/pkcs8"
CERTS_ONLY = "application/pkcs7-mime; smime-type=certs-only"
CSR_ATTRIBUTES = "application/csrattrs"

_BASE64 = {"content-transfer-encoding": "base64"}
_NO_SLIP = frozenset({"slip-required", "pickup-refused"})
_LATER = timedelta(minutes=1)
_BOUNDARY_OCTETS = 16


def certificates_answer(certificates: Sequence[x509.Certificate]) -> Response:
    """Return certificates as a certs-only message (sections 4.1.3 and 4.2.3)."""
    return Response(write_body(certs_only(certificates)), media_type=CERTS_ONLY, headers=_BASE64)


def attributes_answer(der: bytes) -> Response:
    """Return CSR attributes (section 4.5.2)."""
    return Response(write_body(der), media_type=CSR_ATTRIBUTES, headers=_BASE64)


def key_answer(
    private_key: bytes, certificate: x509.Certificate, randomness: Randomness
) -> Response:
    """Return a PKCS#8 key and its certificate in two parts (section 4.4.2)."""
    boundary = randomness.token(_BOUNDARY_OCTETS).hex()
    body = b"".join(
        (
            _part(boundary, PKCS8, private_key),
            _part(boundary, CERTS_ONLY, certs_only([certificate])),
            f"--{boundary}--\r\n".encode(),
        )
    )
    return Response(body, media_type=f"multipart/mixed; boundary={boundary}")


def est_failure(request: Request, failure: Failure, t: Translator) -> Response | None:
    """Return what an EST client is told of a failure, or that it is to come again.

    None for requests that are not EST's.
    """
    if not request.scope["path"].startswith(f"{PREFIX}/"):
        return None
    return PlainTextResponse(
        f"{problem_of(failure, t, request_id_of(request)).detail}\n",
        _status(failure),
        headers=_headers(failure),
    )


def _part(boundary: str, media_type: str, der: bytes) -> bytes:
    head = (
        f"--{boundary}\r\nContent-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    # Parts are MIME, where lines are short (RFC 2045 section 6.8).
    return head.encode() + base64.encodebytes(der).replace(b"\n", b"\r\n")


def _status(failure: Failure) -> int:
    if isinstance(failure, CertificatePending):
        # Section 4.2.3: accepted, and the answer is not available yet. Other
        # failures of this kind accepted nothing: they are a 503.
        return 202
    if failure.code in _NO_SLIP:
        return 401
    if isinstance(failure, Invalid) and failure.code not in BY_CODE:
        return 400
    return status_of(failure)


def _headers(failure: Failure) -> Mapping[str, str]:
    if failure.code in _NO_SLIP:
        return {"www-authenticate": CHALLENGE}
    wait = _wait(failure)
    if wait is None:
        return {}
    return {"retry-after": str(max(1, round(wait.total_seconds())))}


def _wait(failure: Failure) -> timedelta | None:
    if isinstance(failure, Throttled | CertificatePending):
        return failure.retry_after
    return _LATER if isinstance(failure, Unavailable) else None
