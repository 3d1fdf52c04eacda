"""Errors for an unusable lake, and the translation of DuckDB's errors into them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

import home
from parts import Damaged, PartUnavailable, explained
from settings import settings

FILE = "A file of the lake is missing or damaged, so some captured data can't be read"
CATALOG = "The lake's catalog is damaged, so no captured data can be read"
UNREACHABLE = (
    "The lake's catalog can't be reached just now. A change that was being made is complete or not made at all, and "
    "can be repeated. Try again in a moment."
)
BUCKET_UNREACHABLE = (
    "The bucket of the lake's files can't be reached just now. A change that was being made is complete or not made at "
    "all, and can be repeated. Try again in a moment."
)
BUCKET_REFUSES = (
    "The bucket of the lake's files refuses the credentials that it got. Stored data is kept; this was not done. The "
    "people who run Open Book must check OPENBOOK_OBJECTS_KEY_ID and OPENBOOK_OBJECTS_SECRET; then try again."
)
REFUSED = (
    "PostgreSQL refused a statement about the lake's catalog. The change was not made. The people who run Open Book "
    "find the reason in PostgreSQL's log."
)
TURN_LOST = "This process lost its turn to write to the lake, so its last change was not made. Try again."
UNREADABLE = "The lake could not be read just now. Nothing was changed. Try again in a moment."

_OF_A_LOST_TURN = ("open-book: the turn to write is over", "could not serialize access")
_OF_A_DATABASE = re.compile(
    r"Postgres|connection to server|FATAL:|server closed the connection|terminat|no connection"
    r"|Failed to (execute|prepare|copy|fetch)"
)
_OF_A_BUCKET = re.compile(r"HTTP|S3|s3://")
_STATUS = re.compile(r"\(?HTTP (?:code )?(\d{3})\b")
_OF_THE_CATALOG = ("database disk image is malformed", "file is not a database")


class LakeUnavailable(PartUnavailable):
    """The lake is missing or can't be read. Nothing was changed."""


class LakeBusy(LakeUnavailable):
    """The lake is in use for longer than the caller would wait, or too many callers wait. Nothing was changed."""

    retry_after = 5


class LakeDamaged(LakeUnavailable):
    """A file of the lake is missing or damaged; reading it again doesn't help. Nothing was changed."""

    retry_after = 600

    def __init__(self, what: str = FILE) -> None:
        super().__init__(
            f"{what} and may be lost. Everything else is unchanged. The people who run Open Book must check it: "
            "`python -m lake verify` lists the damage, and a backup may still have the data."
        )


@contextmanager
def explaining() -> Iterator[None]:
    """Translate DuckDB's errors in the block into PartUnavailable errors where possible; re-raise the others."""
    try:
        yield
    except duckdb.Error as error:
        if (found := meaning(error)) is not None:
            raise found from cause(error)
        raise


def cause(error: duckdb.Error) -> duckdb.Error | None:
    """An error as the cause of another, which may be logged. With a catalog in PostgreSQL DuckDB's messages quote the
    statement, with smallest and largest values of columns, and the password: None.
    """
    return None if settings().lake_catalog else error


def meaning(error: duckdb.Error) -> PartUnavailable | None:
    """The PartUnavailable that an error of DuckDB stands for, if any."""
    if any(words in str(error) for words in _OF_THE_CATALOG):
        return LakeDamaged(CATALOG)
    if any(words in str(error) for words in _OF_A_LOST_TURN):
        return LakeUnavailable(TURN_LOST)
    if (of_the_bucket := of_bucket(error)) is not None:
        return of_the_bucket
    if settings().lake_catalog and _OF_A_DATABASE.search(str(error)):
        return LakeUnavailable(REFUSED if "ERROR:" in str(error) else UNREACHABLE)
    found = explained(error, "The lake")
    missing = isinstance(error, duckdb.IOException) and ("No such file" in str(error) or _status(error) == 404)
    altered = isinstance(error, duckdb.InvalidInputException) and "parquet" in str(error).lower()
    if isinstance(found, Damaged) or missing or altered:
        return LakeDamaged()
    return found


def is_outage(error: duckdb.Error) -> bool:
    """Whether the bucket of the lake's files can't be used, so that reading again at once doesn't help."""
    return of_bucket(error) is not None


def of_bucket(error: duckdb.Error) -> LakeUnavailable | None:
    """What an error means that came from the bucket of the lake's files; None for others, and for a file that isn't
    there."""
    if not home.lake_is_in_bucket() or not isinstance(error, duckdb.IOException):
        return None
    status = _status(error)
    if status in (404, 416) or not _OF_A_BUCKET.search(str(error)):
        return None
    return LakeUnavailable(BUCKET_REFUSES if status in (401, 403) else BUCKET_UNREACHABLE)


def _status(error: duckdb.IOException) -> int:
    """The HTTP status in an error of DuckDB; 0 if it has none."""
    found = _STATUS.search(str(error))
    return int(getattr(error, "status_code", 0) or (found[1] if found else 0))
