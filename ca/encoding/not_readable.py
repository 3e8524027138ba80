"""What the library raises for octets that are no certificate, request, CRL or OCSP message.

Some of it only when a part is first asked for: issuer, extensions, public key.
"""

from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

NOT_READABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    # Not kinds of ValueError, as one would think.
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
