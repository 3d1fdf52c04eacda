"""Reads the members of a ZIP file as streams. Nothing is unpacked to disk, and ZIP files inside it are never opened.

A file made to exhaust memory or disk is refused before it is read: too many members, members that are too large or
compressed too well, paths that leave the folder, encrypted members.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from lake.connectors.records import InvalidSource

MOST_MEMBERS = 500_000
LARGEST_MEMBER = 512 << 20
LARGEST_SUM = 64 << 30
HIGHEST_RATIO = 300
RATIO_FROM = 8 << 20
"""Smaller members may be compressed as well as they like: the JSON of quiet days is full of repetition."""
DEEPEST = 6

Member = zipfile.ZipInfo
Beside = Callable[[PurePosixPath], bool]


class SafeZip:
    """The members of one file, and their content."""

    def __init__(self, path: Path, file: zipfile.ZipFile, beside: Beside | None = None) -> None:
        self._path, self._file, self._beside = path, file, beside
        self.members = [member for member in file.infolist() if not member.is_dir()]
        self._require_harmless()

    @contextmanager
    def reading(self, member: Member) -> Iterator[BinaryIO]:
        """Its content as bytes. Raises InvalidSource if it is damaged."""
        try:
            with self._file.open(member) as content:
                yield cast(BinaryIO, content)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
            raise self._refused("is damaged: a file in it can't be unpacked") from error

    def _require_harmless(self) -> None:
        if len(self.members) > MOST_MEMBERS:
            raise self._refused(f"has more than {MOST_MEMBERS:,} files in it")
        read = [each for each in self.members if not (self._beside and self._beside(PurePosixPath(each.filename)))]
        if sum(member.file_size for member in read) > LARGEST_SUM:
            raise self._refused(f"would be larger than {LARGEST_SUM >> 30} GB unpacked")
        for member in self.members:
            path = PurePosixPath(member.filename)
            unsafe = "\\" in member.filename or path.is_absolute() or ".." in path.parts
            if unsafe or len(path.parts) > DEEPEST:
                raise self._refused("has files in it whose paths leave its folder or are too deep")
            if member.flag_bits & 0x1:
                raise self._refused("has encrypted files in it")
        for member in read:
            if member.file_size > LARGEST_MEMBER:
                raise self._refused(f"has a file in it of more than {LARGEST_MEMBER >> 20} MB")
            if member.file_size > RATIO_FROM and member.file_size > HIGHEST_RATIO * max(member.compress_size, 1):
                raise self._refused("has a file in it that is compressed too well to be what it says")

    def _refused(self, why: str) -> InvalidSource:
        return InvalidSource(f"{self._path} {why}. Nothing was changed. Export it again.")


@contextmanager
def opened_zip(path: Path, beside: Beside | None = None) -> Iterator[SafeZip]:
    """`beside`: members of which the caller reads only so much: their size doesn't matter. Raises InvalidSource."""
    with _opened(path) as file:
        yield SafeZip(path, file, beside)


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise InvalidSource(f"There is no file {path}. Nothing was changed. Check the path.") from error
    except zipfile.BadZipFile as error:
        raise InvalidSource(f"{path} is not a complete ZIP file. Nothing was changed. Export it again.") from error
    except (OSError, ValueError, NotImplementedError) as error:
        raise InvalidSource(f"{path} can't be read as a ZIP file. Nothing was changed.") from error
