"""Failures of CRL publication."""

from foundation.errors import Unavailable


class CrlFault(Exception):
    """A new CRL breaks a rule of the publication gate; it is not stored."""


class RootKeyOffline(Unavailable):
    """The root's key is kept elsewhere; its CRL is made there (docs/operations.md)."""

    def __init__(self) -> None:
        super().__init__("root-key-offline")
