"""A person's answers of one snapshot of the lake, kept for their own session only.

Whoever holds a `Kept` decides whose it is: the dashboard has one in each Streamlit session. Nothing in it is readable
content: text stays sealed. Another person, another role, another snapshot or another day empties it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import pandas as pd

MOST = 16
"""How many answers are kept; the oldest makes room."""

Answer = TypeVar("Answer")


class Kept:
    """Begin with `belongs_to`."""

    def __init__(self) -> None:
        self._stamp: Hashable = None
        self._answers: dict[Hashable, Any] = {}

    def belongs_to(self, stamp: Hashable) -> None:
        """Everything that answers depend on, besides the question: forgets those of anything else."""
        if stamp != self._stamp:
            self._stamp, self._answers = stamp, {}

    def answer(self, question: Hashable, ask: Callable[[], Answer]) -> Answer:
        """The kept answer, or else that of `ask`. The caller may change what it gets."""
        if question not in self._answers:
            self._answers[question] = ask()
            while len(self._answers) > MOST:
                del self._answers[next(iter(self._answers))]
        found: Answer = self._answers[question]
        # pandas copies a column when one of the two tables changes it.
        return found.copy(deep=False) if isinstance(found, pd.DataFrame) else found
