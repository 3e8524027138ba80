"""What a pickup hands out."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from cryptography import x509

from foundation.errors import Invalid

Form = Literal["modern", "compatible"]


def accept_form(unverified_form: str) -> Form:
    """Return the form of the PKCS#12; raises `Invalid` ("pickup-format-unknown")."""
    forms: tuple[Form, ...] = get_args(Form)
    for form in forms:
        if unverified_form == form:
            return form
    raise Invalid("pickup-format-unknown", field="format")


@dataclass(frozen=True)
class PickedUp:
    """A certificate with its key, opened by the download password (DL-12)."""

    pkcs12: bytes = field(repr=False)
    file_name: str
    certificate: x509.Certificate
    username: str
    display_name: str
    form: Form


@dataclass(frozen=True)
class OpenedPickup:
    """A right pair: what the page shows, and the ticket with which it goes on."""

    ticket: str = field(repr=False)
    serial_number: str
    username: str
    display_name: str
    ticket_expires_at: datetime
    slip_expires_at: datetime
