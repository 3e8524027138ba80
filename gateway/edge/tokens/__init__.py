"""Session tokens and assertions: what is minted from a session for edges and applications."""
