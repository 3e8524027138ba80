"""Certificate revocation lists (RFC 5280 section 5): built, proved, stored, refreshed."""

from ca.crl.errors import CrlFault, RootKeyOffline
from ca.crl.publication import CrlPublication
from ca.crl.stored import find_crl, find_crl_number

__all__ = ["CrlFault", "CrlPublication", "RootKeyOffline", "find_crl", "find_crl_number"]
