"""Names in certificates (RFC 5280 sections 4.1.2.4 and 4.1.2.6), and those of authorities."""
