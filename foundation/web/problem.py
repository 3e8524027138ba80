"""A problem: what a failed request is told (RFC 9457)."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from foundation.errors import Failure, FieldError
from foundation.i18n import Translator
from foundation.web.statuses import status_of

MEDIA_TYPE = "application/problem+json"

# RFC 9110, section 15.5.2: a 401 names a challenge. Browsers open a dialogue of
# their own for Basic and Digest, so this is a scheme they do not know.
CHALLENGE = 'Cookie realm="certgate"'


@dataclass(frozen=True)
class Problem:
    """The parts of a problem in the language of the request."""

    status: int
    code: str
    title: str
    detail: str
    request_id: str | None
    fields: tuple[FieldError, ...] = ()
    params: dict[str, str | int] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def document(self, t: Translator) -> dict[str, Any]:
        """Return the JSON members; `type` is a reference relative to the origin."""
        document: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.params:
            document["params"] = self.params
        if self.fields:
            document["errors"] = [
                {
                    "field": error.field,
                    "code": error.code,
                    "detail": t(f"error.{error.code}", **error.params),
                }
                for error in self.fields
            ]
        if self.request_id:
            document["request_id"] = self.request_id
        return document


def problem_of(failure: Failure, t: Translator, request_id: str | None) -> Problem:
    """Return how `failure` is told in the language of `t`."""
    status = status_of(failure)
    params, headers = dict(failure.params), {}
    wait: timedelta | None = getattr(failure, "retry_after", None)
    if wait is not None:
        seconds = max(1, round(wait.total_seconds()))
        params |= {"seconds": seconds, "minutes": -(-seconds // 60)}
        headers["retry-after"] = str(seconds)
    if status == 401:
        headers["www-authenticate"] = CHALLENGE
    return Problem(
        status=status,
        code=failure.code,
        title=t.first(f"error.{failure.code}.title", f"problem.{status}.title"),
        detail=t(f"error.{failure.code}", **params),
        request_id=request_id,
        fields=failure.fields,
        params=params,
        headers=headers,
    )
