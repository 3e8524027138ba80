"""Finding certificates and showing what is in them."""

from ca.inventory.detail import CertificateDetail, ExtensionView
from ca.inventory.inventory import Inventory, InventoryPage
from ca.inventory.summary import CertificateSummary

__all__ = [
    "CertificateDetail",
    "CertificateSummary",
    "ExtensionView",
    "Inventory",
    "InventoryPage",
]
