"""A person's answers of one snapshot of the lake, kept for their own session only.

Whoever holds a `Kept` decides whose it is: the dashboard has one in each Streamlit session, the API one for each access
token that is in use (`KeptByToken`). Nothing in it is readable content: text stays sealed. Another person, another
role, another day or a change of anything that it depends on empties it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa

MOST = 28
"""How many answers are kept; the oldest makes room."""
MOST_BYTES = 8 << 20
"""Of the tables as they were read that are kept: half a million captures in a quarter take less than one million."""

Answer = TypeVar("Answer")
State = TypeVar("State", bound=Hashable)


class Kept:
    """Begin with `begin`."""

    def __init__(self) -> None:
        self.stamp: tuple[Hashable, Any] | None = None
        """What the answers depend on besides the question: whose they are, and from which state of the lake. None:
        nothing was asked yet."""
        self._checked: Any = None
        """The newest state in which they held."""
        self._answers: dict[Hashable, Any] = {}

    def begin(self, owner: Hashable, now: State, are_unchanged: Callable[[State], bool]) -> State:
        """The state of the lake that the answers are from: an earlier one than `now`, if they still hold. Forgets them
        otherwise, and those of another owner. `are_unchanged`: since a state in which they held."""
        of, since = self.stamp or (None, now)
        if of != owner or (now != self._checked and not are_unchanged(self._checked)):
            since, self._answers = now, {}
        self.stamp, self._checked = (owner, since), now
        return since

    def answer(self, question: Hashable, ask: Callable[[], Answer]) -> Answer:
        """The kept answer, or else that of `ask`. The caller may change what it gets."""
        if question not in self._answers:
            read = ask()
            if _size(read) > MOST_BYTES:
                return read
            self._answers[question] = read
            while len(self._answers) > MOST or sum(map(_size, self._answers.values())) > MOST_BYTES:
                del self._answers[next(iter(self._answers))]
        found: Answer = self._answers[question]
        # pandas copies a column when one of the two tables changes it.
        return found.copy(deep=False) if isinstance(found, pd.DataFrame) else found


class KeptByToken:
    """What is kept for the callers of the API, in the memory of one process.

    A token is in use until `SECONDS` after its last call; of more than `TOKENS`, the one that was used longest ago is
    forgotten. Of several calls at once with a token, one uses what is kept and the others ask anew.
    """

    TOKENS = 64
    SECONDS = 60.0

    def __init__(self, seconds_now: Callable[[], float] = time.monotonic) -> None:
        self._now = seconds_now
        self._lock = Lock()
        self._of: dict[bytes, tuple[float, Kept]] = {}
        """By the hash of the token, the one used last at the end: when, and what."""

    @contextmanager
    def of(self, token: str) -> Iterator[Kept]:
        """For one call, after the token was verified."""
        name = hashlib.sha256(token.encode()).digest()
        with self._lock:
            self._forget()
            _, kept = self._of.pop(name, (0.0, Kept()))
        yield kept
        with self._lock:
            self._of.pop(name, None)
            self._of[name] = self._now(), kept
            self._forget()

    def _forget(self) -> None:
        unused_since = self._now() - self.SECONDS
        for name in [name for name, (used, _) in self._of.items() if used < unused_since]:
            del self._of[name]
        while len(self._of) > self.TOKENS:
            del self._of[next(iter(self._of))]


def _size(answer: object) -> int:
    return answer.nbytes if isinstance(answer, pa.Table) else 0
