"""Failures of a token. None of them says anything about the PIN."""

from ca.errors import KeyUnavailable
from foundation.errors import Invalid, Unavailable


class TokenUnavailable(KeyUnavailable):
    """The token or its module does not answer; it may be plugged in again."""

    def __init__(self, label: str) -> None:
        Unavailable.__init__(self, "token-unavailable", label=label)


class AlgorithmNotOnToken(Invalid):
    """PKCS#11 2.40 has no keys of this kind; they are for files."""

    def __init__(self, algorithm: str) -> None:
        super().__init__("algorithm-not-on-token", algorithm=algorithm)


class PinRefused(KeyUnavailable):
    """The token refused the PIN; it is not tried again, or the token would lock itself."""

    def __init__(self, label: str) -> None:
        Unavailable.__init__(self, "token-pin-refused", label=label)
