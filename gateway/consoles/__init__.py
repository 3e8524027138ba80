"""Consoles of the gateway: credentials (security), officers (administrator), audit."""
