"""Failures of CRL publication."""

from foundation.errors import Invalid, Unavailable


class CrlFault(Exception):
    """A new CRL breaks a rule of the publication gate; it is not stored."""


class RootKeyOffline(Unavailable):
    """The root's key is kept elsewhere; its CRL is made there (docs/operations.md)."""

    def __init__(self) -> None:
        super().__init__("root-key-offline")


class RootCrlRefused(Invalid):
    """A CRL that was made elsewhere is not the root's rightful next one.

    Its code says why; what the gate had against it is the cause.
    """
