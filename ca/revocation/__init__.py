"""Revoking, holding and releasing certificates (RFC 5280 section 5.3.1).

``good -> on_hold -> good`` and ``good | on_hold -> revoked``; nothing leads out
of "revoked". A number whose certificate was never issued is abandoned instead.
"""

from ca.revocation.acts import RevocationJournal
from ca.revocation.record import BulkRevocation, RevocationRecord
from ca.revocation.service import Revocation

__all__ = ["BulkRevocation", "Revocation", "RevocationJournal", "RevocationRecord"]
