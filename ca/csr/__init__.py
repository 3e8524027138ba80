"""Certification requests (RFC 2986): a subscriber's own key, and the proof that it is held."""

from ca.csr.acceptance import AcceptedRequest, accept_csr
from ca.csr.errors import CsrRefused
from ca.csr.readers import READING_HERE, AcceptedKey, ReadingProcess, RequestReader

__all__ = [
    "READING_HERE",
    "AcceptedKey",
    "AcceptedRequest",
    "CsrRefused",
    "ReadingProcess",
    "RequestReader",
    "accept_csr",
]
