"""Issuing many certificates at once."""

from ca.issuance.bulk.issuing import BatchIssuance

__all__ = ["BatchIssuance"]
