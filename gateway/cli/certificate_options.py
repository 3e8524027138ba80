"""The options by which commands pick certificates, the same as the console's filter."""

from collections.abc import Mapping
from typing import Annotated

import typer
from pydantic import ValidationError

from foundation.errors import FieldError, Invalid
from gateway.consoles.filter_form import FilterForm

Query = Annotated[
    str, typer.Option("--query", "-q", help="Part of a name, a serial number, or a SHA-256.")
]
State = Annotated[
    str, typer.Option(help="good, on_hold, revoked, reserved, prepared, abandoned or expired.")
]
Profile = Annotated[str, typer.Option(help="unit, officer, person, server, ocsp, issuing, root.")]
Issuer = Annotated[str, typer.Option(help="The authority: issuing, issuing-2, root.")]
KeyType = Annotated[str, typer.Option(help='Kind of key, as "ECDSA P-256" or "RSA 3072".')]
KeySha256 = Annotated[str, typer.Option(help="SHA-256 of the key (SPKI) in hex.")]
District = Annotated[str, typer.Option(help="Only units of this district.")]
UnitClass = Annotated[str, typer.Option(help="Only units of this class: vip or ordinary.")]
IssuedFrom = Annotated[str, typer.Option(help="Issued on or after a day or RFC 3339 time.")]
IssuedBefore = Annotated[str, typer.Option(help="Issued before it.")]
ExpiresFrom = Annotated[str, typer.Option(help="Ends on or after it.")]
ExpiresBefore = Annotated[str, typer.Option(help="Ends before it.")]


def filter_of(options: Mapping[str, object]) -> FilterForm:
    """Return the filter of a command's own arguments; raises `Invalid`."""
    names = FilterForm.model_fields.keys() - {"q"}
    given = {name: options.get(name, "") for name in names}
    try:
        return FilterForm.model_validate({**given, "q": options.get("query", "")})
    except ValidationError as wrong:
        fields = {str(error["loc"][0]) for error in wrong.errors()}
        errors = [FieldError(name, "field-too-long") for name in sorted(fields)]
        raise Invalid("certificate-filter-invalid", fields=errors) from wrong
