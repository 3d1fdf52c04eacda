"""Linear-programming bounds: people with only one possible answer left, although no number was published for them.

Published sums, and the fact that each person is either counted or not, leave a range for every class of people (see
`row_space`). If its smallest possible sum is its size, each of its people was counted; if its largest is 0, none was.
One linear programme finds all such classes of an answer at once: it looks for the point that is as far as `STEP` from
both ends in as many classes as possible. Averages of possible points are possible, so a class that stays at an end
has no alternative.

If numbers have noise, each sum may be off by `SURE` deviations: one number in a thousand million is off further.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, vstack
from scipy.sparse import eye_array as eye

from lake.attacks.published import Published
from lake.attacks.row_space import classes_of

STEP = 1e-3
SURE = 6.0
"""Standard deviations."""


def pinned(published: Published, answer: int) -> dict[int, bool]:
    """Each person who must be counted (True) or not counted (False) in that answer."""
    matrix, classes = classes_of(published.groups)
    if not matrix.size:
        return {}
    sizes = np.bincount(classes[classes >= 0], minlength=matrix.shape[1]).astype(float)
    matrix, first = np.unique(matrix, axis=0, return_index=True)
    values, margin = published.values[first, answer], SURE * published.deviations[first, answer]
    count = matrix.shape[1]
    sums = hstack([csr_array(matrix.astype(float)), csr_array((len(matrix), count))])
    one, none = eye(count), csr_array((count, count))
    at_least = hstack([one, -one])  # sum - distance >= 0
    at_most = hstack([one, one])  # sum + distance <= size
    found = milp(
        np.concatenate([np.zeros(count), -np.ones(count)]),
        bounds=Bounds(np.zeros(2 * count), np.concatenate([sizes, np.full(count, STEP)])),
        constraints=[
            LinearConstraint(
                vstack([sums, at_least, at_most]).tocsc(),
                np.concatenate([values - margin, np.zeros(count), np.full(count, -np.inf)]),
                np.concatenate([values + margin, np.full(count, np.inf), sizes]),
            ),
        ],
    )
    del none
    if found.x is None:
        return {}
    stuck = found.x[count:] < STEP / 2
    everybody = found.x[:count] > sizes / 2
    return {
        person: bool(everybody[place])
        for person, place in zip(published.people.tolist(), classes.tolist(), strict=True)
        if place >= 0 and stuck[place]
    }
