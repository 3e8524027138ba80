"""Revoking many certificates at once: a dry run first, and then exactly what it showed."""

from gateway.bulk_revocation.act import BulkRevocationAct, bulk_content
from gateway.bulk_revocation.execution import BulkExecution, Progress
from gateway.bulk_revocation.selections import Selections
from gateway.bulk_revocation.serial_list import SerialList, read_serial_list
from gateway.bulk_revocation.views import SelectedView, SelectionView

__all__ = [
    "BulkExecution",
    "BulkRevocationAct",
    "Progress",
    "SelectedView",
    "SelectionView",
    "Selections",
    "SerialList",
    "bulk_content",
    "read_serial_list",
]
