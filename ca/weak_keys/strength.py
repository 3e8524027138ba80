"""Refusing keys that somebody else can compute or already has.

Each check has a name, which the refusal shows, and a paper or advisory behind
it (docs/decisions/0011-weak-keys.md). None needs the network.
"""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from ca.key_types import CaPublicKey
from ca.weak_keys.blocklist import Blocklist
from ca.weak_keys.edwards import has_small_order
from ca.weak_keys.modulus import find_modulus_weakness
from foundation.errors import Invalid


class WeakPublicKey(Invalid):
    """The key's private half can be computed, or is published."""

    def __init__(self, finding: str) -> None:
        super().__init__("public-key-weak", finding=finding)
        self.finding = finding


def verify_strength(key: CaPublicKey, blocklist: Blocklist | None = None) -> None:
    """Raise `WeakPublicKey` with the name of the first weakness found.

    Does not check kind and size: `ca.keys.algorithms.accept_public_key` does.
    """
    finding = find_weakness(key, blocklist)
    if finding is not None:
        raise WeakPublicKey(finding)


def find_weakness(key: CaPublicKey, blocklist: Blocklist | None = None) -> str | None:
    """Return the name of a weakness of this key, or None when no check finds one."""
    match key:
        case ec.EllipticCurvePublicKey():
            # That the point is on its curve was checked when it was decoded.
            return _listed(blocklist, lambda: key.public_numbers().x)
        case rsa.RSAPublicKey():
            numbers = key.public_numbers()
            weakness = find_modulus_weakness(numbers.n, numbers.e)
            return weakness or _listed(blocklist, lambda: numbers.n)
        case ed25519.Ed25519PublicKey():
            octets = key.public_bytes_raw()
            if has_small_order(octets):
                return "small-order"
            return _listed(blocklist, lambda: int.from_bytes(octets, "big"))
        case _:
            return None


def _listed(blocklist: Blocklist | None, number: Callable[[], int]) -> str | None:
    return blocklist.find(number()) if blocklist is not None else None
