"""The tree of RFC 9162: against known roots, its own definition and another implementation, for every size and pair."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency

from lake.storage import merkle
from tests.governance.ledger.c2sp import root_of
from tests.governance.ledger.trees import CT_LEAVES, CT_ROOTS, StoredTree, counted
from verifier import EMPTY_ROOT, consistent, leaf_hash, root_from_inclusion

LARGEST = 66
TREE = StoredTree(counted(LARGEST))
ROOTS = [merkle.root(size, TREE.node) for size in range(LARGEST + 1)]


def flipped(value: bytes) -> bytes:
    return bytes([value[0] ^ 1]) + value[1:]


@pytest.mark.parametrize("size", range(len(CT_ROOTS)))
def test_known_roots_of_certificate_transparency(size: int) -> None:
    tree = StoredTree(CT_LEAVES[:size])
    assert merkle.root(size, tree.node).hex() == CT_ROOTS[size]


def test_known_proofs_of_certificate_transparency() -> None:
    tree = StoredTree(CT_LEAVES)
    assert [value.hex() for value in merkle.inclusion(5, 8, tree.node)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [value.hex() for value in merkle.consistency(6, 8, tree.node)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_stored_nodes_match_the_definition() -> None:
    assert [root_of(counted(size)) for size in range(LARGEST + 1)] == ROOTS
    assert ROOTS[0] == EMPTY_ROOT == hashlib.sha256(b"").digest()


def test_inclusion_proofs_hold_only_for_their_tree() -> None:
    for size in range(1, LARGEST + 1):
        for index in range(size):
            proof = merkle.inclusion(index, size, TREE.node)
            leaf = leaf_hash(counted(LARGEST)[index])
            assert root_from_inclusion(index, size, leaf, proof) == ROOTS[size]
            assert root_from_inclusion(index, size, flipped(leaf), proof) != ROOTS[size]
            assert root_from_inclusion(index, size, leaf, [*proof, leaf]) is None
            if proof:
                assert root_from_inclusion(index, size, leaf, proof[:-1]) != ROOTS[size]
                assert root_from_inclusion(index, size, leaf, [flipped(proof[0]), *proof[1:]]) != ROOTS[size]
                assert root_from_inclusion(index ^ 1, size, leaf, proof) != ROOTS[size]
    assert root_from_inclusion(-1, 4, leaf, []) is None
    assert root_from_inclusion(4, 4, leaf, []) is None


def test_consistency_proofs_hold_only_for_prefixes() -> None:
    for second in range(LARGEST + 1):
        for first in range(second + 1):
            proof = merkle.consistency(first, second, TREE.node)
            assert consistent(first, second, ROOTS[first], ROOTS[second], proof)
            assert not consistent(first, second, flipped(ROOTS[first]), ROOTS[second], proof)
            if 0 < first < second:
                assert not consistent(first, second, ROOTS[first], flipped(ROOTS[second]), proof)
                assert not consistent(first, second, ROOTS[first], ROOTS[second], proof[:-1])
                assert not consistent(first, second, ROOTS[first], ROOTS[second], [*proof, ROOTS[first]])
                assert not consistent(first, second, ROOTS[first], ROOTS[second], [flipped(proof[0]), *proof[1:]])
            else:
                assert not consistent(first, second, ROOTS[first], ROOTS[second], [ROOTS[first]])
    assert not consistent(3, 2, ROOTS[3], ROOTS[2], [])
    assert not consistent(-1, 2, ROOTS[0], ROOTS[2], [])


def test_impossible_proofs_raise() -> None:
    for index, size in ((-1, 3), (3, 3), (0, 0)):
        with pytest.raises(ValueError, match="has no entry"):
            merkle.inclusion(index, size, TREE.node)
    for first, second in ((4, 3), (-1, 3)):
        with pytest.raises(ValueError, match="does not continue"):
            merkle.consistency(first, second, TREE.node)


def test_operations_touch_few_nodes() -> None:
    touched: list[tuple[int, int]] = []
    tree = StoredTree(counted(1023))

    def node(level: int, position: int) -> bytes:
        touched.append((level, position))
        return tree.node(level, position)

    assert len(list(merkle.completed(1023, leaf_hash(b""), node))) == 11
    assert len(touched) == 10
    touched.clear()
    merkle.inclusion(600, 1023, node)
    merkle.consistency(513, 1023, node)
    assert len(touched) < 50


def test_pymerkle_gives_the_same_tree_and_proofs() -> None:
    peer = InmemoryTree(algorithm="sha256")
    for leaf in counted(LARGEST):
        peer.append_entry(leaf)
    for size in range(1, LARGEST + 1):
        assert peer.get_root(size) == ROOTS[size]
        for number in range(1, size + 1):
            leaf, *path = peer.prove_inclusion(number, size).path
            assert leaf == leaf_hash(counted(LARGEST)[number - 1])
            assert sorted(path) == sorted(merkle.inclusion(number - 1, size, TREE.node)), "it orders them otherwise"
            verify_consistency(ROOTS[number], ROOTS[size], peer.prove_consistency(number, size))


def continues(left: list[bytes], right: list[bytes]) -> bool:
    """Whether any proof that we would give shows the tree of `right` to continue that of `left`."""
    old, new = StoredTree(left), StoredTree(right)
    proof = merkle.consistency(len(left), len(right), new.node)
    return consistent(len(left), len(right), merkle.root(len(left), old.node), merkle.root(len(right), new.node), proof)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=3), min_size=1, max_size=40), st.data())
def test_rewritten_tree_is_never_consistent(leaves: list[bytes], data: st.DataObject) -> None:
    seen = data.draw(st.integers(1, len(leaves)), label="size seen before")
    rewritten = list(leaves)
    at = data.draw(st.integers(0, seen - 1), label="entry rewritten")
    rewritten[at] += b"!"
    assert continues(leaves[:seen], leaves)
    assert not continues(leaves[:seen], rewritten)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, LARGEST), min_size=2, max_size=6).map(sorted))
def test_consistency_is_transitive(sizes: list[int]) -> None:
    for first, second in pairwise(sizes):
        proof = merkle.consistency(first, second, TREE.node)
        assert consistent(first, second, ROOTS[first], ROOTS[second], proof)
    proof = merkle.consistency(sizes[0], sizes[-1], TREE.node)
    assert consistent(sizes[0], sizes[-1], ROOTS[sizes[0]], ROOTS[sizes[-1]], proof)
