"""The Merkle tree over the audit log (RFC 6962 section 2.1, RFC 9162 section 2.1).

``MTH`` of a list is a leaf's hash, or the hash over left and right part, split
at the largest power of two below its length. Leaves and nodes are hashed with
different prefixes, so that none passes for the other.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

HASH_OCTETS = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


class ProofRefused(ValueError):
    """A proof does not show what it was given for."""


def hash_leaf(content: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class Frontier:
    """A tree to which leaves are added on the right, kept as few hashes.

    `peaks` are the roots of the perfect trees that it consists of, the largest
    first: one for each bit that is set in `size`.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no tree."""
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise ValueError("a tree of this size has another number of peaks")
        if any(len(peak) != HASH_OCTETS for peak in self.peaks):
            raise ValueError("a peak is no SHA-256")

    def add(self, leaf_hash: bytes) -> "Frontier":
        """Return the tree with one leaf more."""
        peaks = [*self.peaks, leaf_hash]
        # A set bit at the low end is a full tree of that size, to be joined.
        size = self.size
        while size & 1:
            right = peaks.pop()
            peaks.append(hash_node(peaks.pop(), right))
            size >>= 1
        return Frontier(self.size + 1, tuple(peaks))

    def root(self) -> bytes:
        """Return the root hash of the whole tree."""
        if not self.peaks:
            return EMPTY_ROOT
        *others, root = self.peaks
        for peak in reversed(others):
            root = hash_node(peak, root)
        return root

    def packed(self) -> bytes:
        """Return the peaks one after the other."""
        return b"".join(self.peaks)

    @classmethod
    def unpacked(cls, size: int, packed: bytes) -> "Frontier":
        """Return what `packed` gave; raises `ValueError`."""
        starts = range(0, len(packed), HASH_OCTETS)
        return cls(size, tuple(packed[start : start + HASH_OCTETS] for start in starts))


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root over these leaves, computed from all of them."""
    if not leaf_hashes:
        return EMPTY_ROOT
    if len(leaf_hashes) == 1:
        return leaf_hashes[0]
    split = _split(len(leaf_hashes))
    return hash_node(root_of(leaf_hashes[:split]), root_of(leaf_hashes[split:]))


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the path that proves leaf `index`, from 0 (RFC 9162 section 2.1.3.1)."""
    if not 0 <= index < len(leaf_hashes):
        raise IndexError("there is no such leaf")
    if len(leaf_hashes) == 1:
        return []
    split = _split(len(leaf_hashes))
    left, right = leaf_hashes[:split], leaf_hashes[split:]
    if index < split:
        return [*inclusion_proof(left, index), root_of(right)]
    return [*inclusion_proof(right, index - split), root_of(left)]


def verify_inclusion(
    leaf_hash: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Raise `ProofRefused` unless the leaf is number `index` of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofRefused("there is no such leaf")
    place, last = index, size - 1
    computed = leaf_hash
    for sibling in path:
        if last == 0:
            raise ProofRefused("the path is too long")
        if place & 1 or place == last:
            computed = hash_node(sibling, computed)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            computed = hash_node(computed, sibling)
        place >>= 1
        last >>= 1
    if last != 0:
        raise ProofRefused("the path is too short")
    if computed != root:
        raise ProofRefused("the path leads to another root")


def consistency_proof(leaf_hashes: Sequence[bytes], first: int) -> list[bytes]:
    """Return what proves that the first `first` leaves are a prefix (RFC 9162, 2.1.4.1)."""
    if not 0 < first <= len(leaf_hashes):
        raise IndexError("there is no such earlier tree")
    return _subproof(leaf_hashes, first, is_known=True)


def verify_consistency(
    first: int, second: int, path: Sequence[bytes], first_root: bytes, second_root: bytes
) -> None:
    """Raise `ProofRefused` unless the second tree extends the first (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= second:
        raise ProofRefused("there is no such earlier tree")
    if first == second:
        _require(not path and first_root == second_root, "the trees differ")
        return
    # A first tree that is perfect is itself the first node of the path.
    nodes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    _require(bool(nodes), "the path is empty")
    place, last = first - 1, second - 1
    while place & 1:
        place >>= 1
        last >>= 1
    old = new = nodes[0]
    for node in nodes[1:]:
        _require(last != 0, "the path is too long")
        if place & 1 or place == last:
            old, new = hash_node(node, old), hash_node(node, new)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            new = hash_node(new, node)
        place >>= 1
        last >>= 1
    _require(last == 0, "the path is too short")
    _require(old == first_root, "the path leads to another earlier root")
    _require(new == second_root, "the path leads to another root")


def _subproof(leaf_hashes: Sequence[bytes], first: int, *, is_known: bool) -> list[bytes]:
    if first == len(leaf_hashes):
        return [] if is_known else [root_of(leaf_hashes)]
    split = _split(len(leaf_hashes))
    left, right = leaf_hashes[:split], leaf_hashes[split:]
    if first <= split:
        return [*_subproof(left, first, is_known=is_known), root_of(right)]
    return [*_subproof(right, first - split, is_known=False), root_of(left)]


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _require(holds: bool, problem: str) -> None:
    if not holds:
        raise ProofRefused(problem)
