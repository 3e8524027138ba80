"""Shards: parts of an issuing CA's CRL, each with its own address (RFC 5280 section 5.2.5).

The serial number alone decides, at issuance, so that nobody has to look it up
and a revocation republishes one small list however many certificates there are.
"""

from typing import Final

# For a small CA; an installation has what its policies say (`crl_shards`).
DEFAULT_SHARDS: Final = 16


def shard_of(serial_number: str, shards: int) -> int:
    """Return the shard, 0 to `shards` - 1, of a certificate issued now.

    It is stored with the certificate: the number of shards may change later.
    """
    return int(serial_number, 16) % shards
