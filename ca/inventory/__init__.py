"""Finding certificates and showing what is in them."""

from ca.inventory.detail import CertificateDetail, ExtensionView
from ca.inventory.inventory import CertificateQuery, Inventory, InventoryPage
from ca.inventory.view import CertificateView

__all__ = [
    "CertificateDetail",
    "CertificateQuery",
    "CertificateView",
    "ExtensionView",
    "Inventory",
    "InventoryPage",
]
