"""The archive `xes`: an event log (IEEE 1849), as XML or gzip of it, with the events of everybody who took part.

An event is its `org:resource`'s: an e-mail address, or a name that `--accounts` gives one. Of an event its name,
lifecycle, time and the name of its case are kept. The XML is read as a stream; a document type, and with it every
entity, is refused. Events have no id: equal ones of a case are one.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast
from xml.parsers import expat

from lake.archives.items import DELETED, Item, Of, Unattributed
from lake.connectors.records import (
    RECORD_LIMIT,
    TOO_LARGE,
    InvalidRecord,
    InvalidSource,
    Quarantined,
    Record,
    content_of,
    identity,
    moment,
)

APPLICATION, SIGNAL = "Process log", "ticket"
NOBODY = "event without a person"
NAMELESS = "event of a resource whose e-mail address isn't known"
CHUNK = 1 << 16
DEEPEST = 64
MOST_BYTES, MOST_TIMES = 64 << 30, 300
"""What a compressed log may unpack to, altogether and times its size."""
SEPARATOR = " "
NAME_LENGTH = 500


class Xes:
    """Reads one log."""

    name = "xes"
    version = 1
    may_be_complete = False

    def read(self, location: str, people: Mapping[str, str]) -> Iterator[Item]:
        """Every event. Raises InvalidSource."""
        path = Path(location)
        log = _Log(path)
        with _opened(path) as file:
            for number, (case, event) in enumerate(log.events(file), start=1):
                yield _item(number, case, event, people)
        if not log.is_one:
            raise InvalidSource(f"{path} is no XES log: its first element must be log. Nothing was changed.")


def _item(number: int, case: str, event: dict[str, str], people: Mapping[str, str]) -> Item:
    resource = event.get("org:resource", "").strip()
    person = people.get(resource) or (resource if "@" in resource else "")
    if not person:
        return Unattributed(NAMELESS if resource else NOBODY)
    try:
        return Of(person.lower(), _record(number, case, event))
    except InvalidRecord as error:
        return Of(person.lower(), Quarantined(number, str(error)))


def _record(number: int, case: str, event: dict[str, str]) -> Record:
    """Raises InvalidRecord."""
    if TOO_LARGE in event:
        raise InvalidRecord(TOO_LARGE)
    captured_at, name = moment(event.get("time:timestamp")), event.get("concept:name", "")
    known_as = identity("xes", captured_at, case, event)
    return Record(
        line=number,
        captured_at=captured_at,
        signal=SIGNAL,
        application=APPLICATION,
        session=known_as.hex(),
        identity=known_as,
        content=content_of(
            action=f"{name} (event)" if name == DELETED else name,
            element=event.get("lifecycle:transition"),
            title=case,
        ),
    )


class _Log:
    """Collects events while expat reads."""

    def __init__(self, path: Path) -> None:
        self.is_one = False
        self._path = path
        self._inside: list[str] = []
        self._case = ""
        self._event: dict[str, str] = {}
        self._size = 0
        self._unread = 0
        self._found: list[tuple[str, dict[str, str]]] = []

    def events(self, file: BinaryIO) -> Iterator[tuple[str, dict[str, str]]]:
        """The name of its case and the attributes of each event. Raises InvalidSource."""
        parser = expat.ParserCreate(namespace_separator=SEPARATOR)
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        try:
            while chunk := file.read(CHUNK):
                self._unread += len(chunk)
                if self._unread > 4 * RECORD_LIMIT:
                    raise InvalidSource(f"{self._path} has an element of more than 4 MB. Nothing was changed.")
                parser.Parse(chunk, False)
                yield from self._found
                self._found = []
            parser.Parse(b"", True)
            yield from self._found
        except expat.ExpatError as error:
            raise InvalidSource(
                f"{self._path} is not complete XML: damaged, or no XES log. Nothing was changed. Export it again."
            ) from error

    def _refuse(self, *_: Any) -> None:
        raise InvalidSource(f"{self._path} declares a document type, which no XES log needs. Nothing was changed.")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._unread = 0
        name = tag.rpartition(SEPARATOR)[2]
        if not self._inside:
            self.is_one = name == "log"
        self._inside.append(name)
        if len(self._inside) > DEEPEST:
            raise InvalidSource(f"{self._path} has elements in {DEEPEST} others. Nothing was changed.")
        if self._inside == ["log", "trace"]:
            self._case = ""
        elif self._inside[-1] == "event":
            self._event, self._size = {}, 0
            if self._inside == ["log", "event"]:
                self._case = ""
        elif self._inside[:-1] == ["log", "trace"] and attributes.get("key") == "concept:name":
            self._case = attributes.get("value", "")[:NAME_LENGTH]
        elif self._inside[:-1] in (["log", "trace", "event"], ["log", "event"]):
            self._size += sum(map(len, attributes.values()))
            if self._size > RECORD_LIMIT:
                self._event = {TOO_LARGE: "", "org:resource": self._event.get("org:resource", "")}
            else:
                self._event[attributes.get("key", "")] = attributes.get("value", "")

    def _end(self, _tag: str) -> None:
        self._unread = 0
        if self._inside in (["log", "trace", "event"], ["log", "event"]):
            self._found.append((self._case, self._event))
        self._inside.pop()


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The XML. Raises InvalidSource."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if packed:
                yield cast(BinaryIO, _Unpacked(raw, path))
            else:
                yield raw
    except OSError as error:
        raise InvalidSource(f"{path} can't be read: {error.strerror or 'damaged'}. Nothing was changed.") from error
    except (EOFError, zlib.error) as error:
        raise InvalidSource(f"{path} is damaged: it can't be unpacked. Nothing was changed.") from error


class _Unpacked:
    """The content of a gzip file, as far as it isn't made to fill the machine."""

    def __init__(self, raw: BinaryIO, path: Path) -> None:
        self._file, self._path, self._read = gzip.GzipFile(fileobj=raw), path, 0
        self._most = min(MOST_BYTES, max(path.stat().st_size * MOST_TIMES, 1 << 24))

    def read(self, size: int) -> bytes:
        """Raises InvalidSource, OSError, EOFError, zlib.error."""
        part = self._file.read(size)
        self._read += len(part)
        if self._read > self._most:
            raise InvalidSource(f"{self._path} unpacks to too much. Nothing was changed.")
        return part
