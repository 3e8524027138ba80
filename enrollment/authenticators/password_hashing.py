"""Argon2id (RFC 9106) for every secret that a subscriber types."""

from threading import BoundedSemaphore

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from foundation.randomness import Randomness
from policies.credentials import Argon2Parameters
from policies.passwords import normalise_password

_SALT_OCTETS = 16
# Hashing is slow and wide on purpose; a flood of logins waits here instead of
# taking all memory.
_AT_ONCE = 4
# Nobody types more; hashing megabytes would be an attack on the machine.
_LONGEST_INPUT = 1024


class PasswordMismatch(Exception):
    """The secret is not the one that was hashed."""


class PasswordHasher:
    """Hashes and verifies, always at the same cost, whether or not there is a hash."""

    def __init__(self, parameters: Argon2Parameters, randomness: Randomness) -> None:
        self._argon2 = argon2.PasswordHasher(
            time_cost=parameters.time_cost,
            memory_cost=parameters.memory_cost,
            parallelism=parameters.parallelism,
        )
        self._randomness = randomness
        self._turns = BoundedSemaphore(_AT_ONCE)
        self._dummy_hash = self.hash(randomness.token(32).hex())

    def hash(self, password: str) -> str:
        """Return the hash of the normalised password in PHC form."""
        with self._turns:
            return self._argon2.hash(
                normalise_password(password), salt=self._randomness.token(_SALT_OCTETS)
            )

    def verify(self, stored_hash: str | None, unverified_password: str | None) -> None:
        """Raise `PasswordMismatch` unless the password is the one that was hashed.

        Without a stored hash (no such account) or without a password that could
        be one, a hash nobody knows the password of is verified instead: the
        time says nothing. A malformed stored hash is a mismatch as well.
        """
        if unverified_password is None or len(unverified_password) > _LONGEST_INPUT:
            stored_hash, unverified_password = None, ""
        try:
            self._verify(stored_hash or self._dummy_hash, unverified_password)
        except InvalidHashError:
            stored_hash = None
            self._verify(self._dummy_hash, unverified_password)
        if stored_hash is None:
            raise PasswordMismatch

    def needs_rehash(self, stored_hash: str) -> bool:
        """Return whether the hash was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(stored_hash)

    def _verify(self, stored_hash: str, unverified_password: str) -> None:
        with self._turns:
            try:
                self._argon2.verify(stored_hash, normalise_password(unverified_password))
            except (VerificationError, UnicodeEncodeError) as mismatch:
                raise PasswordMismatch from mismatch
