"""Issuing certificates: one by one, in bulk, and what a crash left unfinished."""

from ca.issuance.authorities import IssuingAuthorities
from ca.issuance.intents import Intent
from ca.issuance.issuance import Issuance
from ca.issuance.orders import AnyOrder, Order, RequestedOrder
from ca.issuance.reconciliation import Reconciled

__all__ = [
    "AnyOrder",
    "Intent",
    "Issuance",
    "IssuingAuthorities",
    "Order",
    "Reconciled",
    "RequestedOrder",
]
