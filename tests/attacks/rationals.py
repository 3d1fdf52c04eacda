"""Row-space membership without rounding: Gaussian elimination over the rationals, for comparison."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def determined_columns(matrix: Sequence[Sequence[int]]) -> set[int]:
    """Which columns' unit vectors are in the row space: those that are a row of the reduced echelon form."""
    rows = [[Fraction(value) for value in row] for row in matrix]
    reduced = 0
    for column in range(len(rows[0])):
        pivot = next((row for row in range(reduced, len(rows)) if rows[row][column]), None)
        if pivot is None:
            continue
        rows[reduced], rows[pivot] = rows[pivot], rows[reduced]
        head = rows[reduced][column]
        rows[reduced] = [value / head for value in rows[reduced]]
        for other, row in enumerate(rows):
            if other != reduced and (times := row[column]):
                rows[other] = [a - times * b for a, b in zip(row, rows[reduced], strict=True)]
        reduced += 1
    alone = (row for row in rows[:reduced] if sum(1 for value in row if value) == 1)
    return {next(place for place, value in enumerate(row) if value) for row in alone}
