"""Issuing certificates: one by one, in bulk, and what a crash left unfinished."""

from ca.issuance.authorities import IssuingAuthorities
from ca.issuance.intents import Intent
from ca.issuance.issuance import Issuance
from ca.issuance.orders import AnyOrder, Order, RequestedOrder, Together
from ca.issuance.reconciliation import Reconciled
from ca.issuance.reserved_rows import Reserved

__all__ = [
    "AnyOrder",
    "Intent",
    "Issuance",
    "IssuingAuthorities",
    "Order",
    "Reconciled",
    "RequestedOrder",
    "Reserved",
    "Together",
]
