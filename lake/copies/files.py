"""Data files and pictures, named by their path below the data folder: `main/TABLE/….parquet`, `pictures/ab/….picture`;
those of further shards `shards/NUMBER/main/TABLE/….parquet`.

Each is encrypted or sealed, and never changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import home
from lake.storage import connection as lake
from lake.storage.data_files import data_files
from lake.storage.objects import Area, in_bucket, pictures, store
from lake.storage.shards import FIRST, SHARDS, entering, folder_of

PICTURES = f"{Area.PICTURES.value}/"


def is_in_bucket(path: str) -> bool:
    """Whether a file of this name is in a bucket, if it is there."""
    return in_bucket() if path.startswith(PICTURES) else home.lake_is_in_bucket()


def there() -> dict[str, int]:
    """The bytes of every file, also of those that no snapshot has. Raises PartUnavailable."""
    found = [each for each in store(Area.PICTURES).all() if each.name.endswith(pictures.ENDING)]
    files = {f"{PICTURES}{each.name}": each.size for each in found}
    for shard in lake.shards():
        with entering(shard):
            files |= {str(folder_of(shard) / path): size for path, size in data_files().files().items()}
    return files


def chunks(path: str) -> Iterator[bytes]:
    """The content of a file. Raises FileNotFoundError, OSError, PartUnavailable."""
    if path.startswith(PICTURES):
        yield store(Area.PICTURES).read(path.removeprefix(PICTURES))
        return
    shard, rest = _placed(path)
    with entering(shard):
        files = data_files()
    yield from files.chunks(rest)


def put(path: str, source: Path) -> None:
    """Put a file where the settings say. Raises OSError, PartUnavailable."""
    if path.startswith(PICTURES):
        store(Area.PICTURES).write(path.removeprefix(PICTURES), source.read_bytes())
        return
    shard, rest = _placed(path)
    with entering(shard):
        data_files().put(rest, source)


def _placed(path: str) -> tuple[int, str]:
    """The shard of a data file, and its path there."""
    if not path.startswith(f"{SHARDS}/"):
        return FIRST, path
    _, number, rest = path.split("/", 2)
    return int(number), rest
