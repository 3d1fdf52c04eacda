"""The interface of archives: an archive holds the words of many people, and says whose each record is.

A connector reads the recording of one person; an archive yields, for every entry of its files, one of

    Of              an item of one person, named by e-mail address
    Withdrawn       the source says that something was deleted, and not whose it was
    Parts           the source says which parts something still has, such as files of a message
    Unattributed    an entry of no person whom we know, by its kind, or one that can't be used
    Skipped         a file in the archive that isn't read

It can be read again and again with the same result. For a broken entry it yields one that is quarantined, with file and
position, and continues; for a broken source it raises `InvalidSource`, and then nothing of it may be stored.

What is edited or deleted at the source has the same `session` in each of its versions: the newest one replaces the
others (`lake.ingest.revisions`). Its content says which that is (`VERSION`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from directory.sealing import Content
from lake.connectors.records import LeftOut, Quarantined, Record

DELETED = "deleted"
"""The `action` of the record that takes the place of what was deleted at the source: it has no words."""

EDITED = "edited by someone else"
"""What the record of an author says in place of words that somebody else has edited."""

VERSION = frozenset(("action", "edited", "as_of"))
"""The fields of a content that `newest` reads."""


class Role(StrEnum):
    """How a record concerns somebody else than its person."""

    MENTIONED = "mentioned"
    ANSWERED = "answered"
    QUOTED = "quoted"
    ASSIGNED = "assigned"
    REPORTER = "reporter"
    EDITED = "edited"


Concerns = tuple[tuple[str, Role], ...]
"""E-mail addresses in small letters, each with a role."""


@dataclass(frozen=True, slots=True)
class Of:
    """An item of a person: their e-mail address in small letters. `concerns`: others whom it concerns. `without_id`:
    this kind of export has no id of it, so what another has of it is stored, too."""

    person: str
    item: Record | Quarantined | LeftOut
    concerns: Concerns = ()
    without_id: bool = False


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What has this session was deleted at the source, or edited. `record` takes its place, without words.
    `otherwise`: how it is counted if nothing has; empty: as a deletion of something unknown."""

    record: Record
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class Unattributed:
    """`what`: a kind, in words and without content, such as `message of a bot`."""

    what: str
    quarantined: Quarantined | None = None
    session: str = ""
    """Of what it would be, so that it isn't taken for gone."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Of the parts (`Record.part`) of what has this session, the source still has only those named `kept`. `record`
    takes the place of each other one."""

    record: Record
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that isn't read, because it isn't known what it has. `file`: for people, without names of anybody."""

    file: str


Item = Of | Withdrawn | Parts | Unattributed | Skipped


class Archive(Protocol):
    """One format. `application` is what the policies call the source."""

    name: str
    version: int
    may_be_complete: bool
    """Whether a file of it can have everything that its source has: then what it lacks was deleted there."""

    def read(self, location: str, people: Mapping[str, str]) -> Iterator[Item]:
        """Every entry. `people`: e-mail addresses by the ids that the source has for accounts. Raises InvalidSource."""
        ...


def newest(content: Content) -> tuple[bool, str]:
    """Orders the versions of one thing: a deletion is the last one, otherwise the time of the edit counts, or the time
    as of which the source says what it says."""
    return content.get("action") == DELETED, content.get("edited") or content.get("as_of", "")


def iso(moment: datetime) -> str:
    """A time that sorts as text."""
    return moment.isoformat(timespec="microseconds") + "Z"
