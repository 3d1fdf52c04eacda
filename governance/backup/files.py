"""The files of a backup: copied atomically, verified, and destroyed."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from lake.storage.durable import DRAFT, overwrite, sync_folder

CHUNK_BYTES = 1 << 20

OnChunk = Callable[[int], None]


def copy(source: Path, target: Path, on_chunk: OnChunk | None = None) -> str:
    """Copy a file durably; returns its SHA-256 in hex. `on_chunk` gets the size of each chunk. If it raises OSError, it
    leaves no partial copy.
    """
    with source.open("rb") as file:
        return write(iter(lambda: file.read(CHUNK_BYTES), b""), target, on_chunk)


def write(pieces: Iterable[bytes], target: Path, on_chunk: OnChunk | None = None) -> str:
    """The same of a file that comes in pieces."""
    digest = hashlib.sha256()
    draft = target.with_name(target.name + DRAFT)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as to:
            for piece in pieces:
                digest.update(piece)
                to.write(piece)
                if on_chunk:
                    on_chunk(len(piece))
            to.flush()
            os.fsync(to.fileno())
        draft.replace(target)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    return digest.hexdigest()


def link(source: Path, target: Path) -> bool:
    """Hard-link a file on the same disk; False if that is not possible."""
    try:
        os.link(source, target)
    except FileExistsError:
        return True
    except FileNotFoundError:
        raise
    except OSError:
        return False
    return True


def sha256(path: Path, on_chunk: OnChunk | None = None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            digest.update(piece)
            if on_chunk:
                on_chunk(len(piece))
    return digest.hexdigest()


def destroy(folder: Path) -> None:
    """Overwrite the files of a folder and delete it. Raises OSError; safe to repeat.

    The folder is renamed first, so a half-destroyed one is never taken for a complete one.
    """
    if not folder.exists():
        return
    leaving = folder if folder.name.endswith(DRAFT) else folder.with_name(folder.name + DRAFT)
    if leaving != folder:
        folder.rename(leaving)
    for path in leaving.rglob("*"):
        if path.is_file() and not path.is_symlink():
            overwrite(path)
    shutil.rmtree(leaving)
    sync_folder(leaving.parent)


def sql(name: str) -> str:
    """The text of `governance/backup/sql/NAME.sql`."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")
