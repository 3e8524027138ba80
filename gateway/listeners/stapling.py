"""OCSP stapling for the gateway's own certificate (RFC 6066 section 8, RFC 8446 section 4.4.2.1).

A handshake takes what lies ready, or nothing: it never waits for a signature
or the database. What lies ready is an answer about exactly the certificate that
is served, says "good", and ends in the moment a revocation is seen.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca.authorities import ServerCredential
from ca.ocsp.answers import Answer
from foundation.clock import Clock

_LOG = structlog.get_logger(__name__)
_LOOK_SECONDS = 1

AskStatus = Callable[[bytes], Answer]
ReadEpoch = Callable[[], int]


class ServedHierarchy(Protocol):
    """Where the present server credential is found; it is replaced when renewed."""

    @property
    def server(self) -> ServerCredential:
        """Return certificate, key and issuing CA of the TLS doors."""
        ...


@dataclass(frozen=True)
class Staple:
    """An answer that says "good" about `certificate` as of `epoch`."""

    certificate: x509.Certificate
    epoch: int
    der: bytes
    this_update: datetime
    next_update: datetime

    def holds_at(self, now: datetime) -> bool:
        """Return whether clients believe it now; a clock may have been set back."""
        return self.this_update <= now < self.next_update

    def is_young_at(self, now: datetime) -> bool:
        """Return whether more than half of its life is left, time enough to renew it."""
        return (
            self.this_update <= now < self.this_update + (self.next_update - self.this_update) / 2
        )


class Staples:
    """The one staple that lies ready. Put there by one thread, found by any."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ready: Staple | None = None

    def find(self, certificate: x509.Certificate) -> bytes:
        """Return the answer about `certificate`, or no octets; takes no time."""
        ready = self._ready
        if ready is None or ready.certificate != certificate:
            return b""
        return ready.der if ready.holds_at(self._clock.now()) else b""

    def put(self, staple: Staple | None) -> None:
        """Lay another staple ready, or none."""
        self._ready = staple


class Stapler:
    """Keeps `Staples` true and young, beside the doors."""

    def __init__(
        self,
        staples: Staples,
        hierarchy: ServedHierarchy,
        clock: Clock,
        ask_status: AskStatus,
        read_epoch: ReadEpoch,
    ) -> None:
        """`ask_status` takes an OCSP request in DER; it and `read_epoch` may block."""
        self._staples = staples
        self._hierarchy = hierarchy
        self._clock = clock
        self._ask_status = ask_status
        self._read_epoch = read_epoch
        self._last: Staple | None = None
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        """Look now; may be called from any thread, and before `run`."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Look once a second, and when woken, until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            # Before the look: what happens during it is looked at again.
            self._woken.clear()
            try:
                await asyncio.to_thread(self.refresh)
            except Exception:
                # The old one goes on until its end; clients then ask by themselves.
                _LOG.exception("stapling_failed")
            try:
                await asyncio.wait_for(self._woken.wait(), _LOOK_SECONDS)
            except TimeoutError:
                continue

    def refresh(self) -> None:
        """Replace the staple when it is about another certificate, an old epoch, or half over.

        It is dropped when the certificate is good no more, and when nobody
        answers what is true in a new epoch.
        """
        server = self._hierarchy.server
        # Before the answer: after a revocation in between it looks old next time.
        epoch = self._read_epoch()
        if self._is_fine(server.certificate, epoch):
            return
        answer = self._ask_status(_request(server))
        response = ocsp.load_der_ocsp_response(answer.der)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            if self._last is not None and self._last.epoch != epoch:
                self._lay(None)
        elif response.certificate_status is ocsp.OCSPCertStatus.GOOD:
            assert answer.this_update is not None
            assert answer.next_update is not None
            self._lay(
                Staple(
                    server.certificate, epoch, answer.der, answer.this_update, answer.next_update
                )
            )
        else:
            self._lay(None)

    def _is_fine(self, certificate: x509.Certificate, epoch: int) -> bool:
        last = self._last
        return (
            last is not None
            and last.certificate == certificate
            and last.epoch == epoch
            and last.is_young_at(self._clock.now())
        )

    def _lay(self, staple: Staple | None) -> None:
        if staple is None and self._last is not None:
            _LOG.warning("staple_dropped")
        self._last = staple
        self._staples.put(staple)


def _request(server: ServerCredential) -> bytes:
    # SHA-1 names the issuer, as in every client's question; it protects nothing.
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        server.certificate,
        server.issuing,
        SHA1(),  # noqa: S303
    )
    return builder.build().public_bytes(Encoding.DER)
