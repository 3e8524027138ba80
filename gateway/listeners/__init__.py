"""The three doors: PKI, public and portal."""
