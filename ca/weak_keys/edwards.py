"""Points of small order on edwards25519 (RFC 8032 section 5.1, RFC 7748 section 6).

Under such a public key a signature over anything can be made without a private
key, so a proof of possession made with it proves nothing.
"""

_PRIME = 2**255 - 19
# The y coordinates of the eight points whose order divides the cofactor 8:
# order 4, order 1, order 2, and two pairs of order 8.
_SMALL_ORDER = frozenset(
    {
        0,
        1,
        _PRIME - 1,
        int.from_bytes(
            bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
            "little",
        ),
        int.from_bytes(
            bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
            "little",
        ),
    }
)


def has_small_order(public_key: bytes) -> bool:
    """Return whether the 32 octets encode a point of small order, canonically or not."""
    # The highest bit is the sign of x (section 5.1.2); y may be given unreduced.
    y = int.from_bytes(public_key, "little") & (1 << 255) - 1
    return y % _PRIME in _SMALL_ORDER
