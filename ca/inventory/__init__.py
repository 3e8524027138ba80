"""Finding certificates and showing what is in them."""

from ca.inventory.certificate_filter import EVERYTHING, CertificateFilter
from ca.inventory.detail import CertificateDetail, ExtensionView
from ca.inventory.inventory import Inventory, InventoryPage
from ca.inventory.summary import CertificateSummary

__all__ = [
    "EVERYTHING",
    "CertificateDetail",
    "CertificateFilter",
    "CertificateSummary",
    "ExtensionView",
    "Inventory",
    "InventoryPage",
]
