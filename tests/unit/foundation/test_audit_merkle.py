"""The tree over the log and its proofs, against a tree computed from all leaves (RFC 9162, 2.1)."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    ProofRefused,
    consistency_proof,
    hash_leaf,
    hash_node,
    inclusion_proof,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [hash_leaf(str(number).encode()) for number in range(140)]
sizes = st.integers(min_value=1, max_value=len(LEAVES))


def changes_of(path: list[bytes]) -> st.SearchStrategy[list[bytes]]:
    """Paths that are longer, shorter, or have another node in one place."""
    others = [
        [*path[:place], hash_node(node, b""), *path[place + 1 :]] for place, node in enumerate(path)
    ]
    shorter = [path[:-1]] if path else []
    return st.sampled_from([[*path, bytes(32)], *shorter, *others])


def frontier_of(size: int) -> Frontier:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier = frontier.add(leaf)
    return frontier


def mth(entries: list[bytes]) -> bytes:
    """The definition of RFC 6962 section 2.1, word for word."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return hashlib.sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def test_the_roots_are_those_of_the_certificate_transparency_test_vectors() -> None:
    """The eight leaves that implementations of RFC 6962 have always been tested with."""
    leaves = [b"", b"\x00", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
    hashes = [hash_leaf(leaf) for leaf in leaves]
    assert root_of([]).hex() == EMPTY_ROOT.hex() == hashlib.sha256(b"").hexdigest()
    assert (
        root_of(hashes[:1]).hex()
        == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert (
        root_of(hashes).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    )


@given(st.lists(st.binary(max_size=8), max_size=40))
def test_the_root_is_the_one_of_the_definition(contents: list[bytes]) -> None:
    hashes = [hash_leaf(content) for content in contents]
    assert root_of(hashes) == mth(contents)


@given(st.integers(min_value=0, max_value=len(LEAVES)))
def test_a_growing_tree_has_the_root_of_the_whole(size: int) -> None:
    frontier = frontier_of(size)
    assert frontier.root() == root_of(LEAVES[:size])
    assert Frontier.unpacked(size, frontier.packed()) == frontier


@pytest.mark.parametrize(("size", "octets"), [(1, 0), (2, 64), (3, 32), (0, 32), (1, 31), (-1, 0)])
def test_what_is_no_tree_is_refused(size: int, octets: int) -> None:
    with pytest.raises(ValueError, match=r"peak"):
        Frontier.unpacked(size, bytes(octets))


@given(sizes, st.data())
def test_every_leaf_is_proved(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    path = inclusion_proof(LEAVES[:size], index)
    verify_inclusion(LEAVES[index], index, size, path, root_of(LEAVES[:size]))


@given(sizes, st.data())
def test_no_other_leaf_and_no_other_place_is_proved(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    other = data.draw(st.integers(min_value=0, max_value=size - 1))
    path, root = inclusion_proof(LEAVES[:size], index), root_of(LEAVES[:size])
    with pytest.raises(ProofRefused):
        verify_inclusion(hash_leaf(b"other"), index, size, path, root)
    if other != index:
        with pytest.raises(ProofRefused):
            verify_inclusion(LEAVES[index], other, size, path, root)


@given(sizes, st.data())
def test_a_changed_path_proves_nothing(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    path, root = inclusion_proof(LEAVES[:size], index), root_of(LEAVES[:size])
    changed = data.draw(changes_of(path))
    with pytest.raises(ProofRefused):
        verify_inclusion(LEAVES[index], index, size, changed, root)


@given(sizes, st.data())
def test_a_tree_proves_that_it_extends_every_earlier_one(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(min_value=1, max_value=size))
    path = consistency_proof(LEAVES[:size], first)
    verify_consistency(first, size, path, root_of(LEAVES[:first]), root_of(LEAVES[:size]))


@given(sizes, st.data())
def test_no_other_tree_is_proved_to_be_earlier(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(min_value=1, max_value=size))
    path = consistency_proof(LEAVES[:size], first)
    rewritten = [*LEAVES[: first - 1], hash_leaf(b"rewritten")]
    with pytest.raises(ProofRefused):
        verify_consistency(first, size, path, root_of(rewritten), root_of(LEAVES[:size]))


@given(sizes, st.data())
def test_a_changed_consistency_path_proves_nothing(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(min_value=1, max_value=size))
    path = consistency_proof(LEAVES[:size], first)
    changed = data.draw(changes_of(path))
    with pytest.raises(ProofRefused):
        verify_consistency(first, size, changed, root_of(LEAVES[:first]), root_of(LEAVES[:size]))


@pytest.mark.parametrize("first", [0, 141])
def test_a_tree_that_is_no_earlier_one_cannot_be_proved(first: int) -> None:
    with pytest.raises(ProofRefused):
        verify_consistency(first, 140, [], b"", b"")
    with pytest.raises(IndexError):
        consistency_proof(LEAVES, first)
