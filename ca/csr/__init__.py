"""Certification requests (RFC 2986): a subscriber's own key, and the proof that it is held."""

from ca.csr.acceptance import AcceptedRequest, accept_csr
from ca.csr.errors import CsrRefused

__all__ = ["AcceptedRequest", "CsrRefused", "accept_csr"]
