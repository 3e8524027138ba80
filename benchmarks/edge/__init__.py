"""What the edge costs and how fast it is."""
