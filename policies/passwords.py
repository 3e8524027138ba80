"""Which passwords a subscriber may choose: NIST SP 800-63B-4, section 3.1.1.2.

Length over composition, a blocklist of what is commonly used or expected, and
no periodic change. Nothing here stores or hashes a password.
"""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from itertools import pairwise

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from foundation.errors import FieldError, Invalid
from policies.credentials import PasswordParameters

# A common word does not become a good password by a year or a few signs beside it.
_TRIMMINGS = 6
_LONGEST_REPEATED_UNIT = 4
# Shorter names occur inside good passwords by chance.
_SHORTEST_NAME = 4

# Control characters, lone surrogates, unassigned code points: no keyboard types
# them, the second cannot be encoded, and the third have no stable normal form.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Cn"})


def normalise_password(password: str) -> str:
    """Return the form of a password that is compared and hashed (NFKC).

    Every verifier applies it before hashing, so that a full-width letter or a
    composed accent typed on another keyboard is the same password.
    """
    return unicodedata.normalize("NFKC", password)


@cache
def common_passwords() -> frozenset[str]:
    """Return zxcvbn's lists of common passwords, words and names, in lower case."""
    words: Iterable[str] = (word for ranked in FREQUENCY_LISTS.values() for word in ranked)
    return frozenset(words)


class PasswordPolicy:
    """Checks a new password against the parameters and a blocklist of lower-case words."""

    def __init__(self, parameters: PasswordParameters, blocklist: Collection[str]) -> None:
        self._minimum = parameters.minimum_length
        self._maximum = parameters.maximum_length
        self._context_words = tuple(
            normalise_password(word).casefold() for word in parameters.context_words
        )
        self._blocklist = frozenset(blocklist)

    def check(
        self,
        new: str,
        *,
        username: str,
        names: Sequence[str] = (),
        forbidden: Sequence[str] = (),
        field: str = "new_password",
    ) -> str:
        """Return the normalised password, or raise `Invalid` with every reason against it.

        `names` are the subscriber's display names, `forbidden` the passwords it
        must differ from (AMB-02). Does not check that a confirmation matches.
        """
        # Normal forms may be 18 times as long as their source: measure first.
        if len(new) > self._maximum:
            raise _refusal([FieldError(field, "password-too-long", {"maximum": self._maximum})])
        password = normalise_password(new)
        errors = [
            *self._length_errors(password, field),
            *(FieldError(field, code) for code in self._content_codes(password, username, names)),
        ]
        if password in {normalise_password(old) for old in forbidden}:
            errors.append(FieldError(field, "password-same"))
        if errors:
            raise _refusal(errors)
        return password

    def _length_errors(self, password: str, field: str) -> list[FieldError]:
        # Python counts code points, as section 3.1.1.2 asks.
        if len(password) < self._minimum:
            return [FieldError(field, "password-too-short", {"minimum": self._minimum})]
        if len(password) > self._maximum:
            return [FieldError(field, "password-too-long", {"maximum": self._maximum})]
        return []

    def _content_codes(self, password: str, username: str, names: Sequence[str]) -> list[str]:
        folded = password.casefold()
        codes = []
        if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in password):
            codes.append("password-unprintable")
        if self._is_common(folded):
            codes.append("password-common")
        if _is_predictable(folded):
            codes.append("password-predictable")
        if _contains_name(folded, [username, *names]):
            codes.append("password-contains-name")
        return codes

    def _is_common(self, folded: str) -> bool:
        if folded in self._blocklist:
            return True
        core = _without_trimmings(folded)
        if core in self._blocklist and len(folded) - len(core) < _TRIMMINGS:
            return True
        rest = folded
        for word in self._context_words:
            rest = rest.replace(word, "")
        return rest != folded and len(rest) < _TRIMMINGS


def _without_trimmings(folded: str) -> str:
    """Return what is left between leading and trailing characters that are not letters."""
    letters = [index for index, character in enumerate(folded) if character.isalpha()]
    return folded[letters[0] : letters[-1] + 1] if letters else ""


def _is_predictable(folded: str) -> bool:
    """Return whether the password only repeats a short unit or counts up or down."""
    if len(folded) < 2:
        return False
    for length in range(1, _LONGEST_REPEATED_UNIT + 1):
        unit = folded[:length]
        if length < len(folded) and (unit * len(folded))[: len(folded)] == folded:
            return True
    steps = {ord(after) - ord(before) for before, after in pairwise(folded)}
    return steps in ({1}, {-1})


def _contains_name(folded: str, names: Sequence[str]) -> bool:
    folded_names = (normalise_password(name).casefold() for name in names)
    return any(len(name) >= _SHORTEST_NAME and name in folded for name in folded_names)


def _refusal(errors: Sequence[FieldError]) -> Invalid:
    return Invalid("password-refused", fields=errors)
