"""The Merkle tree of RFC 9162, 2.1 over stored nodes: which nodes to store for a new leaf, and roots and proofs.

Node (level, position) is the root of the 2^level leaves that begin at position * 2^level. It is stored once all of
them exist, and never changes again. With 7 leaves these are stored:

    level 2          0
    level 1      0       1       2
    level 0    0   1   2   3   4   5   6

A root or a proof needs at most one such node per level for each of its hashes. Hashing is in `verifier`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from verifier import EMPTY_ROOT, node_hash

Nodes = Callable[[int, int], bytes]
"""The stored node of a level and position."""


def in_memory(leaves: Sequence[bytes]) -> Nodes:
    """The nodes over the leaf hashes of a complete tree."""
    levels = [list(leaves)]
    while len(below := levels[-1]) > 1:
        levels.append([node_hash(left, right) for left, right in zip(below[::2], below[1::2], strict=False)])

    def node(level: int, position: int) -> bytes:
        return levels[level][position]

    return node


def completed(size: int, leaf: bytes, node: Nodes) -> Iterator[tuple[int, int, bytes]]:
    """The nodes to store (level, position, hash) when a leaf is added to a tree of `size` leaves."""
    level, position, value = 0, size, leaf
    yield level, position, value
    while position & 1:
        value = node_hash(node(level, position - 1), value)
        level, position = level + 1, position >> 1
        yield level, position, value


def root(size: int, node: Nodes) -> bytes:
    """The root of the first `size` leaves (2.1.1)."""
    return _subtree(0, size, node) if size else EMPTY_ROOT


def inclusion(index: int, size: int, node: Nodes) -> list[bytes]:
    """The proof that the leaf is in the tree of `size` leaves (2.1.3.1). Raises ValueError."""
    if not 0 <= index < size:
        raise ValueError(f"A ledger of {size} entries has no entry {index}.")
    return _path(index, 0, size, node)


def consistency(first: int, second: int, node: Nodes) -> list[bytes]:
    """The proof that the tree of `second` leaves begins with that of `first` leaves (2.1.4.1). Raises ValueError."""
    if not 0 <= first <= second:
        raise ValueError(f"A ledger of {second} entries does not continue one of {first}.")
    return _subproof(first, 0, second, True, node) if 0 < first < second else []


def _path(index: int, begin: int, end: int, node: Nodes) -> list[bytes]:
    if end - begin == 1:
        return []
    middle = begin + _split(end - begin)
    if index < middle:
        return [*_path(index, begin, middle, node), _subtree(middle, end, node)]
    return [*_path(index, middle, end, node), _subtree(begin, middle, node)]


def _subproof(first: int, begin: int, end: int, known: bool, node: Nodes) -> list[bytes]:
    """`known`: the verifier has this subtree's hash, because it is the older root itself."""
    if first == end:
        return [] if known else [_subtree(begin, end, node)]
    middle = begin + _split(end - begin)
    if first <= middle:
        return [*_subproof(first, begin, middle, known, node), _subtree(middle, end, node)]
    return [*_subproof(first, middle, end, False, node), _subtree(begin, middle, node)]


def _subtree(begin: int, end: int, node: Nodes) -> bytes:
    """The root of the leaves from `begin` to before `end`; `begin` must be a valid start for a subtree of that size."""
    size = end - begin
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, begin >> level)
    middle = begin + _split(size)
    return node_hash(_subtree(begin, middle, node), _subtree(middle, end, node))


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)
