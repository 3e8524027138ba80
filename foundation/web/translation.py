"""The framework's own errors, told as failures of this house."""

from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from foundation.errors import Denied, Failure, FieldError, Invalid, NotFound, Unavailable
from foundation.web.statuses import CODE_OF_STATUS

CODE_OF_TYPE = {
    "missing": "field-required",
    "string_too_short": "field-too-short",
    "string_too_long": "field-too-long",
}
_KIND_OF_STATUS: dict[int, type[Failure]] = {401: Denied, 403: Denied, 404: NotFound}
_LOCATIONS = {"body", "query", "path", "header", "cookie"}


def failure_of_validation(error: RequestValidationError) -> Failure:
    """Return the failure for input that does not have the shape the route asks for.

    Only names of fields and kinds of error are told, never the value sent.
    """
    errors = error.errors()
    if any(item["type"] == "json_invalid" for item in errors):
        return Invalid("malformed-request")
    return Invalid("input-invalid", fields=[_field_error(item) for item in errors])


def failure_of_http(error: HTTPException) -> Failure:
    """Return the failure for an error that routing or body parsing raised."""
    if error.status_code >= 500:
        return Unavailable("unavailable")
    code = CODE_OF_STATUS.get(error.status_code, "malformed-request")
    return _KIND_OF_STATUS.get(error.status_code, Invalid)(code)


def _field_error(item: Mapping[str, Any]) -> FieldError:
    names = [str(part) for part in item["loc"]]
    if names and names[0] in _LOCATIONS:
        names = names[1:]
    return FieldError(".".join(names) or "body", CODE_OF_TYPE.get(item["type"], "field-invalid"))
