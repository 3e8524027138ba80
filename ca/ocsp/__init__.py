"""The OCSP responder (RFC 6960, RFC 9654, within the profile of RFC 5019)."""

from ca.ocsp.freshness import FreshEpoch
from ca.ocsp.responder import OcspResponder
from ca.ocsp.router import ocsp_router

__all__ = ["FreshEpoch", "OcspResponder", "ocsp_router"]
