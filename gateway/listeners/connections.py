"""The connections that are open now, so that a revocation can close them."""

import asyncio
import hashlib
from typing import Any


class OpenConnections:
    """Open connections of one listener by the digest of the client's certificate.

    Lives in the event loop's thread; `close_all_of` must be called there.
    """

    def __init__(self) -> None:
        self._by_digest: dict[str, set[asyncio.BaseTransport]] = {}
        self._digest_of: dict[asyncio.BaseTransport, str] = {}

    def opened(self, transport: asyncio.BaseTransport, tls: dict[str, Any] | None) -> None:
        """Remember a connection that presented a certificate."""
        if digest := _leaf_digest(tls):
            self._by_digest.setdefault(digest, set()).add(transport)
            self._digest_of[transport] = digest

    def closed(self, transport: asyncio.BaseTransport) -> None:
        """Forget a connection."""
        digest = self._digest_of.pop(transport, None)
        if digest is None:
            return
        transports = self._by_digest[digest]
        transports.discard(transport)
        if not transports:
            del self._by_digest[digest]

    def digests(self) -> frozenset[str]:
        """Return the SHA-256 (upper-case hex) of every certificate now connected."""
        return frozenset(self._by_digest)

    def close_all_of(self, digest: str) -> int:
        """Cut every connection of one certificate, requests in flight too; return how many."""
        transports = list(self._by_digest.get(digest, ()))
        for transport in transports:
            if isinstance(transport, asyncio.Transport):
                transport.abort()
        return len(transports)


def _leaf_digest(tls: dict[str, Any] | None) -> str | None:
    if tls is None or not tls["certgate_unverified_chain"]:
        return None
    return hashlib.sha256(tls["certgate_unverified_chain"][0]).hexdigest().upper()
