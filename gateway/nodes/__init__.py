"""The nodes that work on one database: who lives, and whose jobs are taken over."""

from gateway.nodes.presence import Presence

__all__ = ["Presence"]
