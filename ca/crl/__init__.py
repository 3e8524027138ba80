"""Certificate revocation lists (RFC 5280 section 5): built, proved, stored, refreshed."""

from ca.crl.errors import CrlFault, RootCrlRefused, RootKeyOffline
from ca.crl.making import CrlRules
from ca.crl.models import CrlRecord
from ca.crl.publication import CrlPublication
from ca.crl.stored import find_crl, find_crl_number, read_der

__all__ = [
    "CrlFault",
    "CrlPublication",
    "CrlRecord",
    "CrlRules",
    "RootCrlRefused",
    "RootKeyOffline",
    "find_crl",
    "find_crl_number",
    "read_der",
]
