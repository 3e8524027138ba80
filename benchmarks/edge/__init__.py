"""What the edge costs beside other gateways, and how soon a revocation is felt at it."""
