"""Which edge is at the other end of a link, and whether it may still be."""

from typing import Any

from ca.verification import ClientCertificateVerifier, VerifiedCertificate
from foundation.errors import Denied


class Edges:
    """Knows edges by their certificates."""

    def __init__(self, verifier: ClientCertificateVerifier) -> None:
        """`verifier` is one for the profile "edge" alone."""
        self._verifier = verifier

    def verify(self, tls: dict[str, Any] | None) -> VerifiedCertificate:
        """Return the certificate of the edge behind a connection; `subscriber` is its name.

        `tls` is the connection's ASGI TLS extension. Raises as
        `ClientCertificateVerifier.verify` does: for everybody who is no edge in
        good standing, a subscriber with the best of certificates too. Asks the
        database each time whether anything was revoked, and remembers the path
        for as long as nothing was.
        """
        chain: tuple[bytes, ...] = tls["certgate_unverified_chain"] if tls is not None else ()
        if not chain:
            raise Denied("certificate-required")
        return self._verifier.verify(chain)
