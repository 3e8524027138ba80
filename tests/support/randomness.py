"""Chance that repeats: the same values in every run, yet all different."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class FakeRandomness:
    """A `foundation.randomness.Randomness` that counts and hashes."""

    def __init__(self, seed: str = "certgate") -> None:
        """Two with the same seed give the same values in the same order."""
        self._seed = seed
        self._drawn = 0

    def token(self, count: int) -> bytes:
        """Return `count` octets, never the same ones twice for a `count` that has room."""
        self._drawn += 1
        return hashlib.shake_256(f"{self._seed}:{self._drawn}".encode()).digest(count)

    def pick(self, alphabet: Sequence[T]) -> T:
        """Return one element."""
        return alphabet[int.from_bytes(self.token(8)) % len(alphabet)]
