"""The one place where random numbers are drawn.

Everything that must not be guessed (serial numbers, passwords, session
tokens) asks a `Randomness`; the system's generator is the only real one.
"""

import secrets
from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Randomness(Protocol):
    """A source of unpredictable values."""

    def token(self, count: int) -> bytes:
        """Return `count` random octets."""
        ...

    def pick(self, alphabet: Sequence[T]) -> T:
        """Return one element, each with the same probability."""
        ...


class SystemRandomness:
    """The operating system's cryptographic generator."""

    def token(self, count: int) -> bytes:
        """Return `count` octets from the system's generator."""
        return secrets.token_bytes(count)

    def pick(self, alphabet: Sequence[T]) -> T:
        """Return one element of `alphabet`, without modulo bias."""
        return secrets.choice(alphabet)
