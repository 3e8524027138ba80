"""Keys of an accepted kind and size that are worth nothing all the same."""

from ca.weak_keys.blocklist import Blocklist
from ca.weak_keys.strength import WeakPublicKey, find_weakness, verify_strength

__all__ = ["Blocklist", "WeakPublicKey", "find_weakness", "verify_strength"]
