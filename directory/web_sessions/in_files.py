"""Sessions as files: `PERSON/NUMBER`, readable by their owner only; the modification time is when the session ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from filelock import FileLock

from directory.web_sessions.kind import Kept
from settings import settings

DRAFT_SECONDS = 60
"""A draft or lock older than this is abandoned."""


class InFiles:
    def read(self, reference: str) -> Kept | None:
        path = _path(reference)
        try:
            return Kept(path.read_bytes(), path.stat().st_mtime)
        except FileNotFoundError:
            return None

    def ends_at(self, reference: str) -> float | None:
        return _ends_at(_path(reference)) or None

    def write(self, reference: str, content: bytes, ends_at: float) -> None:
        path = _path(reference)
        draft = path.with_name(f".{path.name}")
        try:
            with os.fdopen(_create(draft), "wb") as file:
                file.write(content)
            os.utime(draft, (ends_at, ends_at))
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    def remove(self, reference: str) -> None:
        _path(reference).unlink(missing_ok=True)

    def of_person(self, person: str) -> list[tuple[str, float]]:
        there = [path for path in _files(_folder() / person) if not path.name.startswith(".")]
        return [(f"{person}.{path.name}", _ends_at(path)) for path in there]

    def remove_ended(self, now: float) -> int:
        left = 0
        for folder in _files(_folder()):
            for path in _files(folder):
                patience = DRAFT_SECONDS if path.name.startswith(".") else 0
                if _ends_at(path) + patience <= now:
                    path.unlink(missing_ok=True)
                else:
                    left += 1
            try:
                folder.rmdir()
            except OSError:
                continue  # it has sessions
        return left

    def turn(self, reference: str, purpose: str, patience: float) -> AbstractContextManager[object]:
        path = _path(reference)
        return FileLock(path.with_name(f".{path.name}.{purpose}"), timeout=patience, mode=0o600)


def _create(draft: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    for folder in (_folder().parent, _folder(), draft.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    try:
        return os.open(draft, flags, 0o600)
    except FileNotFoundError:  # another process found the new folder empty, and removed it
        draft.parent.mkdir(mode=0o700, exist_ok=True)
        return os.open(draft, flags, 0o600)


def _folder() -> Path:
    return settings().home / "dashboard" / "sessions"


def _path(reference: str) -> Path:
    person, _, name = reference.partition(".")
    return _folder() / person / name


def _files(folder: Path) -> Iterator[Path]:
    try:
        yield from list(folder.iterdir())
    except FileNotFoundError:
        return


def _ends_at(path: Path) -> float:
    """0 if there is no such file, or no longer."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
