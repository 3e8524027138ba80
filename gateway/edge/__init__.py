"""The production edge: HAProxy in front of many nodes, and what speaks with it."""
