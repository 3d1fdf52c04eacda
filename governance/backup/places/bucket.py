"""Backups under a prefix of a bucket of S3-compatible storage, in the same files as in a folder.

A key part is prepared in a folder of this machine, and complete in the bucket once its manifest is there, which is put
last and deleted first: one without a manifest is being written or destroyed, or that was interrupted. Nothing is called
destroyed while the bucket keeps versions, or has an upload of it that never ended.

The credentials and the bucket may be of another account than those of the lake's files (`configured`).
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import ClassVar

from governance.backup.files import OnChunk, destroy, sha256, write
from governance.backup.places.place import MANIFEST, OWNER, BackupError, OutOfReach, Place, made_at_of
from governance.db.database import governance_folder
from lake.storage.durable import DRAFT
from lake.storage.objects import prefix, upkeep
from lake.storage.objects.prefix import Connected, KeepsVersions, Location, OtherHome, Refused
from lake.storage.objects.upkeep import MayNotAsk
from parts import PartUnavailable

AT_ONCE = 16
"""So many small files are read at a time."""
PIECES = "pieces-"
CREDENTIALS = (
    "OPENBOOK_BACKUP_KEY_ID and OPENBOOK_BACKUP_SECRET (or, if no setting describes the service of the backups,"
    " OPENBOOK_OBJECTS_KEY_ID and OPENBOOK_OBJECTS_SECRET)"
)
INCOMPLETE = f"can't be used without {CREDENTIALS}."
MEANINGS: dict[type[PartUnavailable], str] = {
    KeepsVersions: (
        "keeps earlier versions of its objects (versioning or object lock), so key parts would outlive their last day."
        " Nothing was stored or counted as destroyed. Use a bucket without versioning (docs/backup.md)."
    ),
    MayNotAsk: (
        "doesn't say whether it keeps versions, or which uploads never ended. Nothing is counted as destroyed. Allow"
        " s3:GetBucketVersioning, s3:ListBucketMultipartUploads and s3:AbortMultipartUpload (docs/backup.md)."
    ),
    Refused: f"refuses the credentials that it got. Check {CREDENTIALS}.",
    OtherHome: "has no such bucket.",
}
UNREACHABLE = "can't be reached just now. What was being written may or may not be there; repeat it in a moment."
TAKEN = "was written to by somebody else at the same time. Nothing was changed; repeat it in a moment."
STILL_THERE = "still lists files that were deleted. Nothing is counted as destroyed; it is tried again."
NOT_EMPTY = (
    "is not empty, and its objects are no backups. Nothing was changed. Name a prefix that is empty, or that has the"
    " backups of this home with their journal."
)
INSIDE = "and OPENBOOK_OBJECTS_URL are one inside the other. Nothing was changed. Name prefixes beside each other."


@dataclass(frozen=True)
class Bucket(Place):
    location: Location

    is_bucket: ClassVar[bool] = True
    missing = "has nothing of this home. Is it the right bucket and prefix?"

    @property
    def address(self) -> str:
        return self.location.url

    @property
    def words(self) -> str:
        return f"The backup bucket {self.location.url}"

    def require(self, *, begin: bool) -> None:
        if begin:
            with self._asking():
                upkeep.require_no_versions(self.location)

    def take(self, own: str) -> None:
        theirs = prefix.location()
        ours, others = f"{self.location.url}/", f"{theirs.url.rstrip('/')}/"
        is_same_service = bool(theirs.url) and theirs.endpoint == self.location.endpoint
        if is_same_service and (ours.startswith(others) or others.startswith(ours)):
            raise BackupError(f"{self.words} {INSIDE}")
        with self._asking() as client:
            upkeep.require_no_versions(self.location)
            if client.listed(""):
                raise BackupError(f"{self.words} {NOT_EMPTY}")
        self.write(OWNER, own.encode())

    def read(self, name: str) -> bytes:
        with self._asking() as client:
            return client.get(name)

    def write(self, name: str, content: bytes) -> None:
        with self._asking() as client:
            try:
                client.put(name, content, new=True)
            except OtherHome:
                raise OutOfReach(f"{self.words} {TAKEN}") from None

    def sizes(self, area: str) -> dict[str, int]:
        with self._asking() as client:
            return {key.removeprefix(f"{area}/"): size for key, size in client.sizes(area).items()}

    def put(self, name: str, source: Path, on_chunk: OnChunk | None = None) -> str:
        found = sha256(source, on_chunk)
        with self._asking() as client:
            client.put_file(name, source)
        return found

    def put_pieces(self, name: str, pieces: Iterable[bytes]) -> str:
        self._beside.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self._beside, prefix=PIECES) as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            return self.put(name, Path(file.name))

    def fetch(self, name: str, target: Path, on_chunk: OnChunk | None = None) -> str:
        with self._asking() as client:
            return write(client.chunks(name), target, on_chunk)

    def digest(self, name: str, on_chunk: OnChunk | None = None) -> str:
        found = hashlib.sha256()
        with self._asking() as client:
            for chunk in client.chunks(name):
                found.update(chunk)
                if on_chunk:
                    on_chunk(len(chunk))
        return found.hexdigest()

    def written_at(self, name: str) -> datetime | None:
        with self._asking() as client:
            return next((written for key, _, written in client.under(name) if key == name), None)

    def delete(self, names: Iterable[str]) -> None:
        with self._asking() as client:
            client.delete(list(names))

    def preparing(self, name: str) -> Path:
        self._beside.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._beside / (name.replace("/", ".") + DRAFT)

    def keep(self, name: str) -> None:
        """For the holder of the lock of whatever this file is a part of."""
        draft = self.preparing(name)
        with self._asking() as client:
            if draft.stat().st_size > prefix.CHUNK_BYTES:
                upkeep.end_uploads(self.location, name.rpartition("/")[0])
            client.put_file(name, draft)
        draft.unlink()

    def entries(self, known: Sequence[str] = ()) -> list[str]:
        with self._asking() as client:
            after = f"journal/{known[-1]}" if known else None
            found = (key.removeprefix("journal/") for key in client.listed("journal", after))
            return [*known, *sorted(name for name in found if name[0].isdigit() and name.endswith(".json"))]

    def read_all(self, names: Sequence[str]) -> Iterable[bytes]:
        with ThreadPoolExecutor(AT_ONCE) as readers:
            return list(readers.map(self.read, names))

    def draft(self, name: str) -> Path:
        return self._beside / (name + DRAFT)

    def complete(self, name: str, manifest: bytes) -> None:
        draft = self.draft(name)
        for path in sorted(draft.iterdir()):
            self.put(f"keys/{name}/{path.name}", path)
        with self._asking() as client:
            client.put(f"keys/{name}/{MANIFEST}", manifest)
        destroy(draft)

    def names(self) -> list[str]:
        return sorted(name for name, files in self._key_parts().items() if MANIFEST in files)

    def drafts(self) -> list[str]:
        of_here = {path.name.removesuffix(DRAFT) for path in self._beside.glob(f"*{DRAFT}") if path.is_dir()}
        there = {name for name, files in self._key_parts().items() if MANIFEST not in files}
        return sorted({name for name in of_here if made_at_of(name) is not None} | there)

    def destroy_key_part(self, name: str) -> None:
        destroy(self.draft(name))
        area = f"keys/{name}"
        with self._asking() as client:
            client.delete([f"{area}/{MANIFEST}"])
            client.delete(client.listed(area))
            upkeep.end_uploads(self.location, area)
            upkeep.require_no_versions(self.location)
            if client.listed(area):
                raise OutOfReach(f"{self.words} {STILL_THERE}")

    def destroy_draft(self, name: str) -> None:
        if name in self.names():  # it was completed, and only what was prepared here is left
            destroy(self.draft(name))
        else:
            self.destroy_key_part(name)

    def end_unfinished(self) -> None:
        for path in self._beside.glob(f"{PIECES}*"):
            path.unlink()
        with self._asking():
            for area in ("data", "keys"):
                upkeep.end_uploads(self.location, area)

    @property
    def _beside(self) -> Path:
        return governance_folder() / "backup"

    def _key_parts(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for name in self.sizes("keys"):
            part, _, file = name.partition("/")
            if made_at_of(part) is not None:
                found.setdefault(part, set()).add(file)
        return found

    @contextmanager
    def _asking(self) -> Iterator[Connected]:
        """The bucket; its errors get the words of backups. Raises OutOfReach, FileNotFoundError."""
        if not (self.location.key_id and self.location.secret):
            raise OutOfReach(f"{self.words} {INCOMPLETE}")
        try:
            yield prefix.connect(self.location)
        except FileNotFoundError:
            raise FileNotFoundError(errno.ENOENT, "It has no such file", self.address) from None
        except PartUnavailable as error:
            raise OutOfReach(f"{self.words} {MEANINGS.get(type(error), UNREACHABLE)}") from None
