"""The data part of a backup: the lake's data files, of which only those are copied that its place lacks."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import home
from governance.backup.files import copy, link, sql
from governance.backup.places.place import BackupError, Place
from lake.copies import files as files_of_lake
from lake.storage.connection import data_folder, lake_folder
from lake.storage.verifying import Report


@dataclass(frozen=True)
class Data:
    """A data file of the lake: its path in the data part, its size, and where its bytes are now."""

    path: str
    size: int
    source: Path | None
    """None: the place has it already."""
    is_new: bool
    """Whether this backup brought it."""


def fetch(
    place: Place, stored: dict[str, int], wanted: dict[str, int], report: Report, *, needed: bool = False
) -> dict[str, str]:
    """Bring what a place lacks of files of the lake that are in a bucket; returns their hashes. Those that are gone by
    now are ignored unless they are `needed`. Raises OSError, PartUnavailable, OutOfReach.
    """
    lacking = {path: size for path, size in wanted.items() if stored.get(path) != size}
    hashes: dict[str, str] = {}
    for path, size in lacking.items():
        report("Copying data", sum(lacking[each] for each in hashes), sum(lacking.values()))
        try:
            hashes[path] = place.put_pieces(f"data/{path}", files_of_lake.chunks(path))
        except FileNotFoundError:
            if needed:
                raise
            continue
        stored[path] = size
    return hashes


def wanted_by(catalogs: Iterable[Path]) -> dict[str, int]:
    """The size of each data file that copies of catalogs name, and of each picture, by its path."""
    names: set[str] = set()
    for catalog in catalogs:
        with closing(sqlite3.connect(catalog)) as connection:
            names |= {Path(path).name for (path,) in connection.execute(sql("name_files"))}
    there = files_of_lake.there()
    found = {Path(path).name: path for path in there if path.endswith(".parquet")}
    if missing := names - found.keys():
        raise BackupError(
            f"{len(missing):,} data files in the lake's catalog are missing, for example {min(missing)}."
            " No backup was made; earlier backups are unchanged."
        )
    wanted = [*sorted(found[name] for name in names), *(path for path in there if not path.endswith(".parquet"))]
    return {path: there[path] for path in wanted}


def secured(stored: dict[str, int], path: str, size: int, is_new: bool) -> Data:
    """Make sure that a file's bytes survive, even if the lake deletes the file."""
    if stored.get(path) == size:
        return Data(path, size, None, is_new)
    second = _links() / path
    home.require()
    second.parent.mkdir(parents=True, exist_ok=True)
    if not link(data_folder() / path, second):
        copy(data_folder() / path, second)
    return Data(path, size, second, is_new=True)


def copied(place: Place, files: list[Data], known: dict[str, str], report: Report) -> dict[str, tuple[int, str]]:
    """Bring the data part in line with `files`; returns their sizes and hashes."""
    total = sum(data.size for data in files if data.source or data.path not in known)
    done = 0

    def on_chunk(size: int) -> None:
        nonlocal done
        done += size
        report("Copying data", done, total)

    data: dict[str, tuple[int, str]] = {}
    for file in files:
        name = f"data/{file.path}"
        if file.source:
            digest = place.put(name, file.source, on_chunk)
        else:
            digest = known.get(file.path) or place.digest(name, on_chunk)
        data[file.path] = file.size, digest
    return data


def known_hashes(place: Place) -> dict[str, str]:
    """The hashes of data files, from the existing manifests."""
    known: dict[str, str] = {}
    for name in place.names():
        with suppress(BackupError):
            known.update({path: digest for path, (_, digest) in place.manifest(name).data.items()})
    return known


def prune(place: Place) -> int:
    """Delete the data files that no key part here can open."""
    needed = {path for name in place.names() for path in place.manifest(name).data}
    unneeded = place.sizes("data").keys() - needed
    place.delete(f"data/{path}" for path in unneeded)
    return len(unneeded)


def _links() -> Path:
    return lake_folder() / "backup"


def drop_links() -> None:
    shutil.rmtree(_links(), ignore_errors=True)
