"""Why the lake can't be used just now, and what DuckDB's errors say of that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from parts import Damaged, PartUnavailable, explained

FILE = "A file of the lake is missing or damaged, so a part of what was captured can't be read"
CATALOG = "The lake's catalog is damaged, so nothing that was captured can be read"
UNREADABLE = "The lake could not be read just now. Nothing was changed. Try again in a moment."

_OF_THE_CATALOG = ("database disk image is malformed", "file is not a database")


class LakeUnavailable(PartUnavailable):
    """The lake is missing or can't be read. Nothing was changed."""


class LakeBusy(LakeUnavailable):
    """Somebody else has the lake for longer than the caller would wait, or too many wait. Nothing was changed."""

    retry_after = 5


class LakeDamaged(LakeUnavailable):
    """A file of the lake is missing or damaged; reading it again doesn't help. Nothing was changed."""

    retry_after = 600

    def __init__(self, what: str = FILE) -> None:
        super().__init__(
            f"{what}, and may be lost. All else is kept as it is. The people who run Open Book have to look at it: "
            "`python -m lake verify` says what is damaged, and a backup may still have it."
        )


@contextmanager
def explaining() -> Iterator[None]:
    """Raise DuckDB's errors in the block as what they mean for people, where that is known, and all else as it is."""
    try:
        yield
    except duckdb.Error as error:
        if (found := meaning(error)) is not None:
            raise found from error
        raise


def meaning(error: duckdb.Error) -> PartUnavailable | None:
    """What an error of DuckDB says of the lake, if anything."""
    if any(words in str(error) for words in _OF_THE_CATALOG):
        return LakeDamaged(CATALOG)
    found = explained(error, "The lake")
    missing = isinstance(error, duckdb.IOException) and "No such file" in str(error)
    altered = isinstance(error, duckdb.InvalidInputException) and "parquet" in str(error).lower()
    if isinstance(found, Damaged) or missing or altered:
        return LakeDamaged()
    return found
