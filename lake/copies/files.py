"""Data files and pictures, named by their path below the data folder: `main/TABLE/….parquet`, `pictures/ab/….picture`.

Each is encrypted or sealed, and never changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import home
from lake.storage.data_files import data_files
from lake.storage.objects import Area, in_bucket, pictures, store

PICTURES = f"{Area.PICTURES.value}/"


def is_in_bucket(path: str) -> bool:
    """Whether a file of this name is in a bucket, if it is there."""
    return in_bucket() if path.startswith(PICTURES) else home.lake_is_in_bucket()


def there() -> dict[str, int]:
    """The bytes of every file, also of those that no snapshot has. Raises PartUnavailable."""
    found = [each for each in store(Area.PICTURES).all() if each.name.endswith(pictures.ENDING)]
    return {**data_files().files(), **{f"{PICTURES}{each.name}": each.size for each in found}}


def chunks(path: str) -> Iterator[bytes]:
    """The content of a file. Raises FileNotFoundError, OSError, PartUnavailable."""
    if path.startswith(PICTURES):
        yield store(Area.PICTURES).read(path.removeprefix(PICTURES))
    else:
        yield from data_files().chunks(path)


def put(path: str, source: Path) -> None:
    """Put a file where the settings say. Raises OSError, PartUnavailable."""
    if path.startswith(PICTURES):
        store(Area.PICTURES).write(path.removeprefix(PICTURES), source.read_bytes())
    else:
        data_files().put(path, source)
