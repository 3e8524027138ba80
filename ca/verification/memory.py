"""Remembering what was verified, for one revocation epoch."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from ca.verification.certificate import VerifiedCertificate


@dataclass(frozen=True)
class _Remembered:
    verified: VerifiedCertificate
    epoch: int
    valid_until: datetime


class VerificationMemory:
    """The most recently used results, by fingerprint; safe for many threads.

    Only successes are kept: a refusal may end at any moment, and refusals
    would let strangers push everybody else out.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, fingerprint: str, epoch: int, now: datetime) -> VerifiedCertificate | None:
        """Return a result of this very epoch whose certificate and CRLs are still valid."""
        with self._lock:
            remembered = self._remembered.get(fingerprint)
            if remembered is None:
                return None
            if remembered.epoch != epoch or now > remembered.valid_until:
                del self._remembered[fingerprint]
                return None
            self._remembered.move_to_end(fingerprint)
            return remembered.verified

    def keep(self, verified: VerifiedCertificate, epoch: int, valid_until: datetime) -> None:
        """Remember a success; the least recently used gives way."""
        with self._lock:
            self._remembered[verified.fingerprint_sha256] = _Remembered(
                verified, epoch, valid_until
            )
            self._remembered.move_to_end(verified.fingerprint_sha256)
            while len(self._remembered) > self._capacity:
                self._remembered.popitem(last=False)
