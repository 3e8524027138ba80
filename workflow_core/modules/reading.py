"""Reading unverified data with pydantic, and saying what is wrong in our codes."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from foundation.errors import FieldError, Invalid

Model = TypeVar("Model", bound=BaseModel)

_BUILT_IN = {"missing": "field-required", "extra_forbidden": "field-unknown"}
_NAME_LENGTH = 64


def read_as(model: type[Model], unverified_data: Mapping[str, object]) -> Model:
    """Return `unverified_data` as `model`; raises Invalid naming every wrong field.

    A validator of ours raises `PydanticCustomError` whose type is one of our
    codes (kebab-case); whatever pydantic itself finds becomes
    `field-required`, `field-unknown` or `field-malformed`.
    """
    try:
        return model.model_validate(dict(unverified_data))
    except ValidationError as error:
        found: dict[str, FieldError] = {}
        for details in error.errors(include_url=False, include_input=False):
            mistake = _field_error(details)
            found.setdefault(mistake.field, mistake)
    raise Invalid("filing-incomplete", fields=list(found.values()), count=len(found))


def _field_error(details: ErrorDetails) -> FieldError:
    kind: str = details["type"]
    code = kind if "-" in kind else _BUILT_IN.get(kind, "field-malformed")
    name = _printable(str(details["loc"][0])) if details["loc"] else ""
    context: dict[str, Any] = details.get("ctx", {}) if "-" in kind else {}
    return FieldError(name, code, {key: str(value) for key, value in context.items()})


def _printable(unverified_name: str) -> str:
    # A field that nobody knows is named in the answer: lone surrogates would break its encoding.
    return "".join(letter for letter in unverified_name if letter.isprintable())[:_NAME_LENGTH]
