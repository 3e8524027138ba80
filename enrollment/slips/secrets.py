"""The two random secrets of a slip: drawn, printed in groups, read back from fingers.

Alphabet and lengths are in ``policies/parameters.toml`` (32 characters without
0, O, 1, I: 5 bits each; the download password has 16 of them, 80 bits). The
form with hyphens and capitals is *the* secret: it is what is hashed and what
opens the PKCS#12, so that the import dialogue takes it exactly as printed
(DL-12). The site's own forms forgive case, spaces and full-width characters.
"""

import unicodedata

from foundation.randomness import Randomness
from policies.credentials import PrintedSecretParameters

# Dashes and spaces of any kind: a Chinese keyboard has several of each.
_SEPARATORS = frozenset({"Pd", "Zs", "Cc", "Cf"})


class SlipSecret:
    """One kind of printed secret."""

    def __init__(self, alphabet: str, shape: PrintedSecretParameters) -> None:
        self._alphabet = alphabet
        self._shape = shape

    def draw(self, randomness: Randomness) -> str:
        """Return a new secret in its printed form."""
        return self._grouped("".join(self._pick(randomness) for _ in range(self._shape.length)))

    def normalise(self, unverified_secret: str) -> str | None:
        """Return the printed form of what was typed, or None when it cannot be one."""
        if len(unverified_secret) > 4 * self._shape.length:
            return None
        characters = [
            character
            for character in unicodedata.normalize("NFKC", unverified_secret).upper()
            if unicodedata.category(character) not in _SEPARATORS
        ]
        if len(characters) != self._shape.length or not set(characters) <= set(self._alphabet):
            return None
        return self._grouped("".join(characters))

    def _pick(self, randomness: Randomness) -> str:
        return randomness.pick(self._alphabet)

    def _grouped(self, characters: str) -> str:
        size = self._shape.group_length
        groups = [characters[start : start + size] for start in range(0, len(characters), size)]
        return "-".join(groups)
