"""The registry of edges, under this installation's policy."""

from datetime import timedelta

from gateway.composition.ground import Ground
from gateway.edge.registry import EdgeRegistry, KnownEdges


def edge_registry(ground: Ground) -> EdgeRegistry:
    """Return what agents report to."""
    return EdgeRegistry(ground.clock, timedelta(seconds=ground.parameters.edge.away_seconds))


def known_edges(ground: Ground) -> KnownEdges:
    """Return what receipts, the doctor and the officers' pages ask."""
    longest = timedelta(seconds=ground.parameters.edge.receipt_seconds)
    return KnownEdges(ground.database, edge_registry(ground), longest)
