"""The pickup page's tickets: the right pair, once proved, for ten minutes.

The page that offers the certificate (DL-09) is another request than the one
that checked the pair, and the download needs the password again: it opens the
sealed key. The password must not stand in the page, where a saved copy or the
back button would show it, nor in a cookie, nor plainly in the database. So the
ticket in the cookie is a random key, and the database keeps the password
encrypted under it: neither alone is worth anything, and both are gone soon.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select
from sqlalchemy.orm import Session

from enrollment.models import PickupTicket
from foundation.randomness import Randomness

_SECRET_OCTETS = 32
_NONCE_OCTETS = 12


@dataclass(frozen=True)
class OpenedTicket:
    """What a valid ticket stands for."""

    slip_id: int
    download_password: str = field(repr=False)
    expires_at: datetime


class Tickets:
    """Issues and opens tickets."""

    def __init__(self, randomness: Randomness, lifetime: timedelta) -> None:
        self._randomness = randomness
        self._lifetime = lifetime

    def issue(
        self, session: Session, slip_id: int, download_password: str, now: datetime
    ) -> tuple[str, datetime]:
        """Return a new ticket for the cookie, and when it ends."""
        secret = self._randomness.token(_SECRET_OCTETS)
        nonce = self._randomness.token(_NONCE_OCTETS)
        sealed = AESGCM(_derive_key(secret)).encrypt(
            nonce, download_password.encode(), _bound_to(slip_id)
        )
        row = PickupTicket(
            slip_id=slip_id,
            lookup=_lookup(secret),
            sealed_password=nonce + sealed,
            expires_at=now + self._lifetime,
        )
        session.add(row)
        session.flush()
        return base64.urlsafe_b64encode(secret).decode(), row.expires_at

    @staticmethod
    def open(session: Session, unverified_ticket: str, now: datetime) -> OpenedTicket | None:
        """Return what the ticket stands for, or None. Does not look at the slip's state."""
        try:
            secret = base64.urlsafe_b64decode(unverified_ticket)
        except (binascii.Error, ValueError):
            return None
        query = select(PickupTicket).where(
            PickupTicket.lookup == _lookup(secret), PickupTicket.expires_at > now
        )
        row = session.scalars(query).one_or_none()
        if row is None:
            return None
        nonce, sealed = row.sealed_password[:_NONCE_OCTETS], row.sealed_password[_NONCE_OCTETS:]
        try:
            password = AESGCM(_derive_key(secret)).decrypt(nonce, sealed, _bound_to(row.slip_id))
        except InvalidTag:
            return None
        return OpenedTicket(row.slip_id, password.decode(), row.expires_at)


def _lookup(secret: bytes) -> str:
    # Another derivation than the key's: reading the table does not give the key.
    return hashlib.sha256(b"certgate pickup ticket" + secret).hexdigest()


def _derive_key(secret: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"certgate pickup password").derive(secret)


def _bound_to(slip_id: int) -> bytes:
    return f"slip:{slip_id}".encode()
