"""Keys that never leave their token: PKCS#11 version 2.40 (docs/decisions/0015-key-backends.md)."""

from ca.keys.pkcs11.connection import TokenAccess, TokenConnection
from ca.keys.pkcs11.errors import AlgorithmNotOnToken, PinRefused, TokenUnavailable
from ca.keys.pkcs11.store import Pkcs11Keys

__all__ = [
    "AlgorithmNotOnToken",
    "PinRefused",
    "Pkcs11Keys",
    "TokenAccess",
    "TokenConnection",
    "TokenUnavailable",
]
