"""Why the edge refuses a request, and what the request is told.

The reason is for the log, and as exact as can be. What people and programs are
told is the same as a node would tell them.
"""

from dataclasses import dataclass
from datetime import timedelta

from foundation.errors import Denied, Failure, Invalid, Throttled, Unavailable

_SOON = timedelta(seconds=5)


@dataclass(frozen=True)
class Refusal:
    """One answer, and the reasons it is given for."""

    failure: Failure
    reasons: tuple[str, ...]
    retry_after: timedelta | None = None

    @property
    def code(self) -> str:
        """The failure's code, which names the files too."""
        return self.failure.code


def _refusal(
    failure: Failure, *further_reasons: str, retry_after: timedelta | None = None
) -> Refusal:
    return Refusal(failure, (failure.code, *further_reasons), retry_after)


REFUSALS = (
    _refusal(
        Invalid("malformed-request"),
        "version-refused",
        "path-ambiguous",
        "host-ambiguous",
        "length-ambiguous",
        "header-name-refused",
        "cookie-ambiguous",
        "connection-option-refused",
        "upgrade-refused",
    ),
    _refusal(Invalid("method-not-allowed")),
    _refusal(Invalid("length-required")),
    _refusal(Invalid("upload-too-large")),
    _refusal(Denied("misdirected-request"), "host-unknown", "sni-differs"),
    _refusal(Unavailable("edge-not-ready"), retry_after=_SOON),
    _refusal(Denied("certificate-required")),
    _refusal(Denied("certificate-expired")),
    _refusal(Denied("certificate-revoked"), "certificate-denied"),
    _refusal(Denied("certificate-untrusted"), "session-resumed"),
    _refusal(Unavailable("revocations-unknown"), retry_after=_SOON),
    _refusal(Denied("login-required")),
    _refusal(Denied("certificate-mismatch")),
    _refusal(Denied("not-allowed")),
    _refusal(
        Throttled("too-many-requests", retry_after=timedelta(minutes=1)),
        retry_after=timedelta(minutes=1),
    ),
    _refusal(Unavailable("unavailable"), retry_after=_SOON),
)
