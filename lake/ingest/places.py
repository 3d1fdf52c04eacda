"""Where the sources of a manifest are: in a folder, or below `s3://BUCKET/PREFIX` in S3-compatible storage.

A source in a bucket is an object, or everything below `SOURCE/`. Connectors read files, so it is fetched before it is
read and deleted once it has been, one source after another, into a folder of the home that nobody else may read and
that the next writer deletes if the process is killed (`lake.spools.spill`). Nothing in the bucket is changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lake.connectors import InvalidSource
from lake.spools import spill
from lake.storage.connection import lake_folder
from lake.storage.objects import prefix
from lake.storage.objects.prefix import Connected, OtherHome

BUCKETS = "s3://"
URLS = ("http://", "https://")
MOST_BYTES = 4 << 30
MOST_OBJECTS = 20_000
State = tuple[int, int]


class Place(Protocol):
    def state(self, source: str) -> State | None:
        """Tells whether it has changed since: its size and when it was written last; None: not known."""
        ...

    def at(self, source: str) -> AbstractContextManager[str]:
        """What a connector reads it from, until the block ends. Raises InvalidSource, PartUnavailable."""
        ...


def place_of(location: str) -> Place:
    """Raises InvalidSource."""
    if not location.startswith(BUCKETS):
        return Folder(Path(location))
    if not location.removeprefix(BUCKETS).partition("/")[0]:
        raise InvalidSource(f"{location} names no bucket: write s3://BUCKET/PREFIX. Nothing was changed.")
    return Prefix(location.rstrip("/"))


@dataclass(frozen=True)
class Folder:
    path: Path

    def state(self, source: str) -> State | None:
        if source.startswith(URLS):
            return None
        try:
            path = self._inside(source)
            files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
            found = [(one.stat().st_size, one.stat().st_mtime_ns) for one in files]
        except (InvalidSource, OSError):
            return None
        return (sum(size for size, _ in found), max(at for _, at in found)) if found else None

    @contextmanager
    def at(self, source: str) -> Iterator[str]:
        yield source if source.startswith(URLS) else str(self._inside(source))

    def _inside(self, source: str) -> Path:
        """Raises InvalidSource if it, or a link below it, leads out of the folder."""
        folder, path = self.path.resolve(), self.path / source
        if "\0" in source or not path.resolve().is_relative_to(folder):
            raise InvalidSource(
                f"{source} is not in {self.path}, the folder given. Nothing was changed. Name a file or folder in it."
            )
        links = (each for each in path.rglob("*") if each.is_symlink()) if path.is_dir() else ()
        if not all(each.resolve().is_relative_to(folder) for each in links):
            raise InvalidSource(
                f"{source} has a link that leads out of {self.path}, the folder given. Nothing was changed."
            )
        return path


@dataclass(frozen=True)
class Prefix:
    url: str

    def state(self, source: str) -> State | None:
        """Raises PartUnavailable."""
        if source.startswith(URLS):
            return None
        try:
            found = self._found(source)
        except InvalidSource:
            return None
        return sum(size for size, _ in found.values()), max(written for _, written in found.values())

    @contextmanager
    def at(self, source: str) -> Iterator[str]:
        if source.startswith(URLS):
            yield source
            return
        found = self._found(source)
        folder = spill.new_folder(lake_folder())
        folder.mkdir(mode=0o700)
        try:
            self._fetch(found, folder)
            if self._found(source) != found:
                raise InvalidSource(f"{source} was written to while it was fetched. Nothing was changed.")
            yield str(folder / source)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _found(self, source: str) -> dict[str, State]:
        """The objects of a source, with their bytes and when they were written. Raises InvalidSource."""
        if not _is_usable(source):
            raise InvalidSource(f"{source} is no name of a file or folder below {self.url}. Nothing was changed.")
        found: dict[str, State] = {}
        total = 0
        try:
            for key, size, written in self._bucket().under(source):
                found[key] = size, int(written.timestamp() * 1e9)
                total += size
                if len(found) > MOST_OBJECTS or total > MOST_BYTES:
                    raise InvalidSource(
                        f"{source} has more than {MOST_OBJECTS:,} objects or {MOST_BYTES >> 30} GiB. Nothing was"
                        " changed."
                    )
        except OtherHome:
            raise InvalidSource(f"There is no such bucket as that of {self.url}. Nothing was changed.") from None
        if not found:
            raise InvalidSource(f"There is no {source} below {self.url}. Nothing was changed.")
        if not all(map(_is_usable, found)):
            raise InvalidSource(f"{source} has an object whose name is none of a file. Nothing was changed.")
        return found

    def _fetch(self, found: dict[str, State], folder: Path) -> None:
        bucket = self._bucket()
        for key in found:
            file = folder / key
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                with file.open("wb") as into:
                    for chunk in bucket.chunks(key):
                        into.write(chunk)
            except FileNotFoundError:
                raise InvalidSource(f"{key} is no longer below {self.url}. Nothing was changed.") from None
            except OSError as error:
                raise InvalidSource(f"{key} can't be fetched ({error.strerror}). Nothing was changed.") from None

    def _bucket(self) -> Connected:
        return prefix.to_read(self.url)


def _is_usable(name: str) -> bool:
    """Whether it stays in its folder, as a path."""
    return "\0" not in name and "\\" not in name and not {"", ".", ".."} & set(name.split("/"))
