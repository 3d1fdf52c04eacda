"""What an attacker sees of one period, as linear algebra: sums of people's facts over groups of people.

A row is a group for which a number was published, a column is a person; answers are what was counted (one column per
band of a table), with the deviation of the noise on each: 0 for an exact number. Everyone knows who is in a group; each
person's facts are unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lake.attacks.companies import Ints

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Published:
    """`groups`: rows x people; `values` and `deviations`: rows x answers."""

    people: Ints
    groups: Bools
    values: Floats
    deviations: Floats
