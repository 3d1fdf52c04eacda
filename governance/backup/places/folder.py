"""A folder of backups. A key part that is being written or destroyed has a name ending in `.draft`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from governance.backup.files import OnChunk, copy, destroy, sha256, write
from governance.backup.places.place import MANIFEST, OWNER, OutOfReach, Place, made_at_of
from lake.storage.durable import DRAFT, sync_folder, write_bytes


@dataclass(frozen=True)
class Folder(Place):
    path: Path

    is_bucket: ClassVar[bool] = False
    missing = "is empty. Is its disk attached?"

    @property
    def address(self) -> str:
        return str(self.path)

    @property
    def words(self) -> str:
        return f"The backup folder {self.path}"

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def keys(self) -> Path:
        return self.path / "keys"

    @property
    def journal(self) -> Path:
        return self.path / "journal"

    def key_part(self, name: str) -> Path:
        return self.keys / name

    def draft(self, name: str) -> Path:
        return self.keys / (name + DRAFT)

    def require(self, *, begin: bool) -> None:
        if begin:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif not self.path.is_dir():
            raise OutOfReach(f"{self.words} does not exist.")

    def take(self, own: str) -> None:
        for part in (self.data, self.keys, self.journal):
            part.mkdir(mode=0o700, exist_ok=True)
        write_bytes(self.path / OWNER, own.encode())
        sync_folder(self.path)

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        write_bytes(self.path / name, content)

    def sizes(self, area: str) -> dict[str, int]:
        there = self.path / area
        return {path.relative_to(there).as_posix(): path.stat().st_size for path in there.rglob("*") if path.is_file()}

    def put(self, name: str, source: Path, on_chunk: OnChunk | None = None) -> str:
        target = self._target(name)
        found = copy(source, target, on_chunk)
        sync_folder(target.parent)
        return found

    def put_pieces(self, name: str, pieces: Iterable[bytes]) -> str:
        target = self._target(name)
        found = write(pieces, target)
        sync_folder(target.parent)
        return found

    def fetch(self, name: str, target: Path, on_chunk: OnChunk | None = None) -> str:
        return copy(self.path / name, target, on_chunk)

    def digest(self, name: str, on_chunk: OnChunk | None = None) -> str:
        return sha256(self.path / name, on_chunk)

    def written_at(self, name: str) -> datetime | None:
        with suppress(FileNotFoundError):
            return datetime.fromtimestamp((self.path / name).stat().st_mtime, UTC)
        return None

    def delete(self, names: Iterable[str]) -> None:
        for name in names:
            (self.path / name).unlink(missing_ok=True)

    def preparing(self, name: str) -> Path:
        path = self.path / name
        return path.with_name(path.name + DRAFT)

    def keep(self, name: str) -> None:
        path = self.path / name
        self.preparing(name).replace(path)
        sync_folder(path.parent)

    def entries(self, known: Sequence[str] = ()) -> list[str]:  # noqa: ARG002 (listing a folder is cheap)
        return sorted(path.name for path in self.journal.glob("[0-9]*.json"))

    def read_all(self, names: Sequence[str]) -> Iterable[bytes]:
        return map(self.read, names)

    def complete(self, name: str, manifest: bytes) -> None:
        draft = self.draft(name)
        write_bytes(draft / MANIFEST, manifest)
        draft.rename(self.key_part(name))
        sync_folder(self.keys)

    def names(self) -> list[str]:
        return sorted(path.name for path in self._key_parts() if made_at_of(path.name) is not None)

    def drafts(self) -> list[str]:
        names = (path.name.removesuffix(DRAFT) for path in self._key_parts() if path.name.endswith(DRAFT))
        return sorted(name for name in names if made_at_of(name) is not None)

    def destroy_key_part(self, name: str) -> None:
        destroy(self.key_part(name))
        destroy(self.draft(name))

    def destroy_draft(self, name: str) -> None:
        destroy(self.draft(name))

    def end_unfinished(self) -> None:
        """Nothing: the next file of the same name replaces what is left of one."""

    def _key_parts(self) -> Iterator[Path]:
        if self.keys.is_dir():
            yield from (path for path in self.keys.iterdir() if path.is_dir())

    def _target(self, name: str) -> Path:
        target = self.path / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        target.with_name(target.name + DRAFT).unlink(missing_ok=True)
        return target
