"""What a pickup hands out."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

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
class PickedUpCertificate:
    """A certificate for a key that the server does not have, and the CA above it."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    username: str

    @property
    def file_name(self) -> str:
        """The name under which a browser saves `pem_chain`."""
        return f"certgate-{self.username}.pem"

    def pem_chain(self) -> bytes:
        """Return certificate and chain in PEM, the end entity first (RFC 8555 section 9.1)."""
        return b"".join(each.public_bytes(Encoding.PEM) for each in (self.certificate, *self.chain))


@dataclass(frozen=True)
class PickedUpKey:
    """A certificate and the key the server made for it, in the clear: for TLS alone.

    `private_key` is PKCS#8 (RFC 5958) in DER.
    """

    certificate: x509.Certificate
    private_key: bytes = field(repr=False)


@dataclass(frozen=True)
class OpenedPickup:
    """A right pair: what the page shows, and the ticket with which it goes on."""

    ticket: str = field(repr=False)
    serial_number: str
    username: str
    display_name: str
    ticket_expires_at: datetime
    slip_expires_at: datetime
