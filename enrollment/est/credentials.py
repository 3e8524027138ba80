"""HTTP Basic credentials of a slip (RFC 7617, RFC 7030 section 3.2.3)."""

import base64
import binascii
from dataclasses import dataclass, field

from foundation.errors import Denied

# RFC 7617 section 2.1: names and passwords are in UTF-8.
CHALLENGE = 'Basic realm="certgate slip", charset="UTF-8"'

_LONGEST = 1024


@dataclass(frozen=True)
class SlipCredentials:
    """Serial number and download password as they were typed; nothing is known of them."""

    unverified_serial_number: str
    unverified_download_password: str = field(repr=False)


def read_credentials(unverified_header: str | None) -> SlipCredentials:
    """Return the credentials in an Authorization header.

    Raises `Denied` ("slip-required") when there are none or they cannot be read.
    """
    scheme, _, encoded = (unverified_header or "").partition(" ")
    if scheme.lower() != "basic" or len(encoded) > _LONGEST:
        raise Denied("slip-required")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as fault:
        raise Denied("slip-required") from fault
    serial_number, colon, password = text.partition(":")
    if not colon:
        raise Denied("slip-required")
    return SlipCredentials(serial_number, password)
