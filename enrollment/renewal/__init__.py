"""Renewing a certificate before it expires, without a new slip."""
