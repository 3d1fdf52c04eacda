"""Row-space reconstruction: finds any linear combination of published numbers that isolates a small group.

People who are in the same groups throughout can't be told apart: they are a class, with one unknown, its sum. The
published groups span a space; a class is determined if its unit vector lies in it, and then the same combination of
published numbers is its sum. A determined class of one is a person. With colluders, who know their own facts, a class
of `colluders + 1` is a person too, for the best choice of colluders.

The rank is found by a pivoted QR decomposition of a 0/1 matrix, where a length of 1 differs from the next smaller one
possible by far more than the tolerance; a test does the same with fractions and compares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg

from lake.attacks.companies import Ints
from lake.attacks.published import Bools, Floats, Published

TOLERANCE = 1e-8


@dataclass(frozen=True)
class Found:
    """A group whose sum follows from what was published."""

    people: tuple[int, ...]
    sums: tuple[float, ...]


def classes_of(groups: Bools) -> tuple[Bools, Ints]:
    """(distinct columns as rows x classes, class of each person or -1 for those in no group)."""
    columns, place = np.unique(np.packbits(groups, axis=0), axis=1, return_inverse=True)
    distinct = np.unpackbits(columns, axis=0, count=groups.shape[0]).astype(bool)
    nowhere = ~distinct.any(axis=0)
    number = np.where(nowhere, -1, np.cumsum(~nowhere) - 1)
    return distinct[:, ~nowhere], number[place.reshape(-1)]


def determined(published: Published) -> list[Found]:
    """Every class whose sums follow from the published numbers, smallest first."""
    matrix, classes = classes_of(published.groups)
    if not matrix.size:
        return []
    matrix, first = np.unique(matrix, axis=0, return_index=True)
    values = published.values[first]
    basis, sums = _solve(matrix.astype(float), values)
    certain = np.flatnonzero((basis**2).sum(axis=1) > 1 - TOLERANCE)
    order = np.argsort(classes, kind="stable")
    bounds = np.searchsorted(classes[order], np.arange(matrix.shape[1] + 1))
    found = [
        Found(
            tuple(published.people[order[bounds[one] : bounds[one + 1]]].tolist()),
            tuple(sums[one].tolist()),
        )
        for one in certain.tolist()
    ]
    return sorted(found, key=lambda one: (len(one.people), one.people))


def _solve(matrix: Floats, values: Floats) -> tuple[Floats, Floats]:
    """(orthonormal basis of the row space as classes x rank, the shortest solution as classes x answers)."""
    q, r, pivots = scipy.linalg.qr(matrix.T, mode="economic", pivoting=True, check_finite=False)
    size = np.abs(np.diag(r))
    rank = int((size > TOLERANCE * size[0]).sum())
    q, r, used = q[:, :rank], r[:rank, :rank], pivots[:rank]
    return q, q @ scipy.linalg.solve_triangular(r, values[used], trans="T", check_finite=False)
