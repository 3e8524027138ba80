"""The hierarchy of one installation: made once, found again, kept young."""

from ca.hierarchy.store import HierarchyStore

__all__ = ["HierarchyStore"]
