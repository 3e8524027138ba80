"""Finding the key that signs now, and those that are still believed."""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy.orm import Session

from foundation.clock import Clock
from foundation.errors import Unavailable
from gateway.signing_keys.models import SigningKeyRecord
from gateway.signing_keys.purposes import Algorithm, KeyPurpose
from gateway.signing_keys.records import over, records_of
from gateway.signing_keys.sealing import Sealing


@dataclass(frozen=True)
class SigningKey:
    """An opened key. `secret` is the text of an HS256 key, or else the PEM of the key."""

    kid: str
    algorithm: Algorithm
    secret: str = field(repr=False)

    @cached_property
    def jose(self) -> OctKey | ECKey | RSAKey:
        """The key as joserfc takes it."""
        if self.algorithm == "HS256":
            return OctKey.import_key(self.secret)
        if self.algorithm == "RS256":
            return RSAKey.import_key(self.secret)
        return ECKey.import_key(self.secret)

    def header(self, typ: str) -> dict[str, Any]:
        """Return the JOSE header of what this key signs."""
        return {"alg": self.algorithm, "typ": typ, "kid": self.kid}


class SigningKeys:
    """The keys of all purposes. What is opened is kept in memory: a key never changes."""

    def __init__(self, clock: Clock, open_sealing: Callable[[], Sealing]) -> None:
        """`open_sealing` is called at the first need and not before."""
        self._clock = clock
        self._open_sealing = open_sealing
        self._sealing: Sealing | None = None
        self._opened: dict[str, SigningKey] = {}
        self._lock = threading.Lock()

    def signing_key(self, session: Session, purpose: KeyPurpose) -> SigningKey:
        """Return the key that signs now.

        Raises `Unavailable` with "signing-key-missing" before the first rotation,
        or "signing-keys-sealed" when this node cannot open it.
        """
        now = self._clock.now()
        signing = [one for one in records_of(session, purpose) if one.signs_from <= now]
        if not signing:
            raise Unavailable("signing-key-missing")
        return self._open(signing[-1])

    def accepted_keys(self, session: Session, purpose: KeyPurpose) -> list[SigningKey]:
        """Return the keys whose signatures are believed now, the announced ones too."""
        return [self._open(record) for record in self._accepted(session, purpose)]

    def jwks(self, session: Session, *purposes: KeyPurpose) -> dict[str, list[dict[str, Any]]]:
        """Return the public keys believed now as a JWK set (RFC 7517 section 5).

        Opens nothing; keys without a public part are not in it.
        """
        return {
            "keys": [
                json.loads(record.public_jwk)
                for purpose in purposes
                for record in self._accepted(session, purpose)
                if record.public_jwk is not None
            ]
        }

    def seal(self, plain: str, record: SigningKeyRecord) -> bytes:
        """Return the secret of a new record, sealed for it."""
        return self._sealed_by().seal(plain.encode(), _place(record))

    def _accepted(self, session: Session, purpose: KeyPurpose) -> Sequence[SigningKeyRecord]:
        records = records_of(session, purpose)
        ended = over(records, purpose, self._clock.now())
        return [record for record in records if record.kid not in ended]

    def _open(self, record: SigningKeyRecord) -> SigningKey:
        with self._lock:
            opened = self._opened.get(record.kid)
        if opened is not None:
            return opened
        secret = self._sealed_by().open(record.sealed, _place(record)).decode()
        opened = SigningKey(record.kid, cast(Algorithm, record.algorithm), secret)
        with self._lock:
            # A handful a month: a process ends before they are many.
            self._opened[record.kid] = opened
        return opened

    def _sealed_by(self) -> Sealing:
        if self._sealing is None:
            self._sealing = self._open_sealing()
        return self._sealing


def _place(record: SigningKeyRecord) -> str:
    return f"{record.purpose} {record.algorithm} {record.kid}"
