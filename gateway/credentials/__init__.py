"""Certificates with those they were issued to: searched for consoles, acts and lists."""

from gateway.credentials.search import Credential, CredentialSearch, Found, Wanted

__all__ = ["Credential", "CredentialSearch", "Found", "Wanted"]
