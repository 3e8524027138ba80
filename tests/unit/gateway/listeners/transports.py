"""Transports without a network, and the TLS facts they carry."""

import asyncio
import hashlib
from typing import Any

GOOD = b"a certificate in good standing"
OTHER = b"another certificate"


class FakeTransport(asyncio.Transport):
    """Knows whether it was cut."""

    aborted = False

    def abort(self) -> None:
        self.aborted = True


def tls(*chain: bytes) -> dict[str, Any]:
    """Return the part of the TLS extension that connections are told apart by."""
    return {"certgate_unverified_chain": chain}


def digest_of(certificate: bytes) -> str:
    return hashlib.sha256(certificate).hexdigest().upper()
