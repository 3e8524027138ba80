"""The edges that are known, and when each revocation took effect at them."""

from gateway.edge.registry.effects import EdgeEffect, find_effects
from gateway.edge.registry.known_edges import KnownEdges
from gateway.edge.registry.registry import Edge, EdgeRegistry

__all__ = ["Edge", "EdgeEffect", "EdgeRegistry", "KnownEdges", "find_effects"]
