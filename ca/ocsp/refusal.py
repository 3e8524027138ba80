"""Requests that get an error status instead of an answer (RFC 6960 section 2.3)."""

from cryptography.x509.ocsp import OCSPResponseStatus


class Refused(Exception):
    """The responder answers with `status`; such answers are not signed."""

    def __init__(self, status: OCSPResponseStatus) -> None:
        super().__init__(status.name)
        self.status = status


class Malformed(Refused):
    """The request breaks the syntax or the profile."""

    def __init__(self) -> None:
        super().__init__(OCSPResponseStatus.MALFORMED_REQUEST)


class Unauthorized(Refused):
    """The responder cannot speak for this issuer (RFC 5019 section 2.2.3)."""

    def __init__(self) -> None:
        super().__init__(OCSPResponseStatus.UNAUTHORIZED)


class TryLater(Refused):
    """The responder cannot answer just now."""

    def __init__(self) -> None:
        super().__init__(OCSPResponseStatus.TRY_LATER)


class InternalError(Refused):
    """The responder has met a fault of its own."""

    def __init__(self) -> None:
        super().__init__(OCSPResponseStatus.INTERNAL_ERROR)
