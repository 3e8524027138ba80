"""What a key is for, and how long."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Algorithm = Literal["HS256", "ES256", "RS256"]


@dataclass(frozen=True)
class KeyPurpose:
    """One use of keys; a key of one purpose never signs for another.

    A key signs for `signs_for`. It is known to everybody `announced` before it
    first signs, so that no verifier meets a name it has never heard; and it is
    accepted for `accepted_after` after its last signature, which must be longer
    than anything lives that it has signed.
    """

    name: str
    algorithm: Algorithm
    signs_for: timedelta
    announced: timedelta
    accepted_after: timedelta
