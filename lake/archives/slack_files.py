"""The content of files that an export has beside its messages, where the tool that made it put it there.

    __uploads/FILE_ID/name                 slackdump (type mattermost), slack-advanced-exporter
    CHANNEL/attachments/FILE_ID-name       slackdump (type standard)

Slack's own exports have only addresses of files, and nothing is ever fetched. A record with content needs a policy that
permits it (`FILE_CONTENTS`):

| file | becomes |
|---|---|
| text of up to `LARGEST_TEXT` bytes | `message` with its text |
| PNG, JPEG, WebP | `screenshot` with its picture |
| another, one that somebody else uploaded, or beyond the limits of an export | nothing, counted with the reason |
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import clock
from lake.archives.items import Of, Unattributed, iso
from lake.archives.json_files import text
from lake.archives.slack_text import described
from lake.archives.zips import Member, SafeZip
from lake.connectors.records import FILE_CONTENTS, InvalidSource, Picture, Record, content_of, identity

ID = re.compile(r"F[A-Z0-9]{5,30}")
UPLOADS, ATTACHMENTS = "__uploads", "attachments"
LARGEST_TEXT = 256 << 10
MOST_TEXT = 32 << 20
"""Bytes of text in one export."""
MOST_PICTURES = 1_000
"""In one export: each takes seconds."""
TEXTS = frozenset(("application/json", "application/xml", "application/x-yaml", "application/sql"))
PICTURES = frozenset(("image/png", "image/jpeg", "image/webp"))

OTHERS = "file that somebody else had uploaded: only its name, type and size are kept"
KIND = "file that is neither text nor a picture: only its name, type and size are kept"
TOO_LARGE = "file whose content is too large: only its name, type and size are kept"
TOO_MANY = "file beyond what is taken of one export: only its name, type and size are kept"
DAMAGED = "file that can't be unpacked: only its name, type and size are kept"


def is_attachment(path: PurePosixPath) -> bool:
    """Whether a member of an export is the content of a file, whatever that is called."""
    return UPLOADS in path.parts[:-2] or bool(_id_of(path))


def _id_of(path: PurePosixPath) -> str:
    if len(path.parts) < 3:
        return ""
    found = path.parts[-2] if path.parts[-3] == UPLOADS else ""
    if path.parts[-2] == ATTACHMENTS:
        found = path.name.partition("-")[0]
    return found if ID.fullmatch(found) else ""


class Attachments:
    """The files of one export, while it is read once."""

    def __init__(self, location: Path, file: SafeZip) -> None:
        self._location, self._file = location, file
        paths = ((_id_of(PurePosixPath(member.filename)), member) for member in file.members)
        self._members = {each: member for each, member in paths if each}
        self._text = self._pictures = 0

    def item(self, whose: str, author: str, file: dict[str, Any], record: Record) -> Of | Unattributed | None:
        """A file of a message as an item of the message's author; None if the export hasn't its content. `record`: of
        the message."""
        number = text(file.get("id"))
        member = self._members.get(number)
        if member is None or is_gone(file):
            return None
        if text(file.get("user")) not in ("", author):
            return Unattributed(OTHERS)
        kind = text(file.get("mimetype")).casefold().partition(";")[0]
        made = replace(
            record,
            part=number,
            needs=FILE_CONTENTS,
            identity=identity("slack", "file", record.session, number, _as_of(file)),
            content=content_of(
                action="file", files=described(file), title=record.content.get("title"), as_of=_as_of(file)
            ),
        )
        if kind in PICTURES:
            return self._picture(whose, member, made)
        if kind.startswith("text/") or kind in TEXTS:
            return self._of_text(whose, member, made)
        return Unattributed(KIND)

    def _picture(self, whose: str, member: Member, record: Record) -> Of | Unattributed:
        self._pictures += 1
        if self._pictures > MOST_PICTURES:
            return Unattributed(TOO_MANY)
        picture = Picture(_reader(self._location, member.filename))
        return Of(whose, replace(record, signal="screenshot", picture=picture))

    def _of_text(self, whose: str, member: Member, record: Record) -> Of | Unattributed:
        if member.file_size > LARGEST_TEXT:
            return Unattributed(TOO_LARGE)
        self._text += member.file_size
        if self._text > MOST_TEXT:
            return Unattributed(TOO_MANY)
        try:
            with self._file.reading(member) as content:
                data = content.read(LARGEST_TEXT)
        except InvalidSource:
            return Unattributed(DAMAGED)
        try:
            written = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return Unattributed(KIND)
        if "\0" in written:
            return Unattributed(KIND)
        return Of(whose, replace(record, content=record.content | content_of(text=written)))


def is_gone(file: dict[str, Any]) -> bool:
    """Whether it was deleted, or isn't shown any more."""
    return file.get("mode") in ("tombstone", "hidden_by_limit")


def _as_of(file: dict[str, Any]) -> str:
    """When it was changed last; empty if it isn't said."""
    seconds = file.get("updated") or file.get("timestamp") or file.get("created")
    if isinstance(seconds, int) and 0 < seconds < 1 << 33:
        return iso(clock.naive(datetime.fromtimestamp(seconds, UTC)))
    return ""


def _reader(location: Path, name: str) -> Callable[[int], bytes]:
    """Reads a picture when its turn comes: the export is closed by then."""

    def read(most: int) -> bytes:
        try:
            with zipfile.ZipFile(location) as file, file.open(name) as content:
                return content.read(most)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, KeyError) as error:
            raise OSError("the file can't be unpacked") from error

    return read
