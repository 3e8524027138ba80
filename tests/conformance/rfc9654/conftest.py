"""A CA with a responder, as for RFC 6960."""

from tests.conformance.rfc6960.conftest import revocable

__all__ = ["revocable"]
