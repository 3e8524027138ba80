"""The options by which commands pick certificates, the same as the console's filter."""

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature, signature
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from foundation.errors import FieldError, Invalid
from gateway.consoles.filter_form import FilterForm

_OPTIONS = {
    "query": typer.Option("--query", "-q", help="Part of a name, a serial number, or a SHA-256."),
    "state": typer.Option(help="good, on_hold, revoked, reserved, prepared, abandoned or expired."),
    "profile": typer.Option(help="unit, officer, person, server, ocsp, issuing, root."),
    "issuer": typer.Option(help="The authority: issuing, issuing-2, root."),
    "key_type": typer.Option(help='Kind of key, as "ECDSA P-256" or "RSA 3072".'),
    "key_sha256": typer.Option(help="SHA-256 of the key (SPKI) in hex."),
    "district": typer.Option(help="Only units of this district."),
    "unit_class": typer.Option(help="Only units of this class: vip or ordinary."),
    "issued_from": typer.Option(help="Issued on or after a day or RFC 3339 time."),
    "issued_before": typer.Option(help="Issued before it."),
    "expires_from": typer.Option(help="Ends on or after it."),
    "expires_before": typer.Option(help="Ends before it."),
}


def with_filter(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of the filter; it takes them as `given`, for `filter_of`."""

    def run(**arguments: Any) -> None:
        given = {name: arguments.pop(name) for name in _OPTIONS}
        command(**arguments, given=given)

    options = [
        Parameter(name, Parameter.KEYWORD_ONLY, default="", annotation=Annotated[str, option])
        for name, option in _OPTIONS.items()
    ]
    taken: list[Parameter] = []
    for each in signature(command).parameters.values():
        taken += options if each.name == "given" else [each.replace(kind=Parameter.KEYWORD_ONLY)]
    # Typer reads both.
    run.__signature__ = Signature(taken)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in taken}
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run


def filter_of(given: Mapping[str, str]) -> FilterForm:
    """Return the filter that the options describe; raises `Invalid`."""
    named = {"q" if name == "query" else name: value for name, value in given.items()}
    try:
        return FilterForm.model_validate(named)
    except ValidationError as wrong:
        fields = {str(error["loc"][0]) for error in wrong.errors()}
        errors = [FieldError(name, "field-too-long") for name in sorted(fields)]
        raise Invalid("certificate-filter-invalid", fields=errors) from wrong
