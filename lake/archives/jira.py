"""The archive `jira`: what Jira's REST API v3 answers, its CSV export, webhooks; a file, folder or ZIP of files.

| in the file | becomes |
|---|---|
| `issues` of a search | the issue of its creator, with everything in it |
| `values`, `issueChangeLogs` of a changelog | changes of their authors |
| `comments`, `worklogs` | those of their authors |
| a row of the CSV export | an issue with its comments, attachments and worklogs |
| the body of a webhook about a deletion | a deletion (`jira_webhooks`) |

Entries that are in several files have the same id, so they are stored once. Entries of the CSV export have no ids: of
an issue that JSON beside it has, too, only the JSON is read.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from lake.archives.items import Item, Unattributed
from lake.archives.jira_csv import csv_items
from lake.archives.jira_entries import Entries
from lake.archives.jira_webhooks import is_webhooks, webhook_items
from lake.archives.json_files import an_object, objects, text, values_at
from lake.archives.zips import Member, SafeZip, opened_zip
from lake.connectors.lines import as_utf8, opened
from lake.connectors.records import InvalidRecord, InvalidSource, Quarantined

PLACES = ("issues", "values", "issueChangeLogs", "comments", "worklogs")
LARGEST_ISSUE = 32 << 20
"""Bytes of an issue with its comments and changes: some have thousands."""
ENDINGS = (".json", ".jsonl", ".csv")


@dataclass(frozen=True)
class _File:
    """`shown`: for messages; `name`: for quarantine, empty if there is only one file."""

    shown: str
    name: str
    is_csv: bool
    open: Callable[[str], AbstractContextManager[BinaryIO]]
    """Given what is expected."""


class Jira:
    """Reads pages as the API answered them, the CSV export, and webhooks."""

    name = "jira"
    version = 1
    may_be_complete = True

    def read(self, location: str, people: Mapping[str, str]) -> Iterator[Item]:
        """Every entry. Raises InvalidSource."""
        with ExitStack() as open_files:
            files = _files(Path(location), open_files)
            keys: set[str] = set()
            for file in files:
                if not file.is_csv:
                    yield from _json_items(file, people, keys)
            for file in files:
                if file.is_csv:
                    with file.open("CSV export of Jira") as content:
                        yield from csv_items(content, file.shown, people, file.name, keys)


def _files(path: Path, open_files: ExitStack) -> list[_File]:
    """Raises InvalidSource."""
    if path.suffix.lower() == ".zip":
        packed = open_files.enter_context(opened_zip(path))
        inside = [(PurePosixPath(member.filename), member) for member in packed.members]
        members = sorted(
            (str(name), member)
            for name, member in inside
            if name.suffix.lower() in ENDINGS and "__MACOSX" not in name.parts
        )
        found = [
            _File(f"{path} ({name})", f"file {number}", name.lower().endswith(".csv"), partial(_member, packed, member))
            for number, (name, member) in enumerate(members, start=1)
        ]
    elif path.is_dir():
        try:
            each = sorted(file for file in path.iterdir() if file.suffix.lower() in ENDINGS)
        except OSError as error:
            raise InvalidSource(f"{path} can't be read. Nothing was changed.") from error
        found = [_of_path(file, f"file {number}") for number, file in enumerate(each, start=1)]
    else:
        return [_of_path(path, "")]
    if not found:
        raise InvalidSource(f"{path} has no .json or .csv files. Nothing was changed. Check the path.")
    return [replace(file, name="") for file in found] if len(found) == 1 else found


def _of_path(path: Path, name: str) -> _File:
    return _File(str(path), name, path.suffix.lower() == ".csv", partial(opened, path))


@contextmanager
def _member(packed: SafeZip, member: Member, _what: str) -> Iterator[BinaryIO]:
    with packed.reading(member) as content:
        yield cast(BinaryIO, io.BufferedReader(cast(Any, as_utf8(content))))


def _json_items(file: _File, people: Mapping[str, str], keys: set[str]) -> Iterator[Item]:
    """`keys`: takes those of the issues."""
    reading = Entries(people)
    places = {f"{before}{place}.item": place for before in ("", "item.") for place in PLACES}
    any_found = False
    with file.open("JSON of Jira") as content:
        if is_webhooks(content):
            yield from webhook_items(content, people, file.name)
            return
        for found in values_at(content, tuple(places), file.name, LARGEST_ISSUE):
            any_found = True
            if isinstance(found, Quarantined):
                yield Unattributed("entry", found)
                continue
            prefix, line, value = found
            try:
                # As a list: a broken part costs what stands in the same entry, instead of half of it.
                yield from list(_items(reading, places[prefix], line, value))
            except InvalidRecord as error:
                yield Unattributed("entry", Quarantined(line, str(error), file=file.name))
            else:
                if places[prefix] == "issues":
                    keys.add(text(value.get("key")))
    if not any_found:
        raise InvalidSource(
            f"{file.shown} has no issues, changelogs, comments or worklogs of Jira. Nothing was changed."
            " Check the format name."
        )


def _items(reading: Entries, place: str, line: int, value: Any) -> Iterator[Item]:
    """Raises InvalidRecord."""
    match place:
        case "issues":
            yield from reading.issue(line, value)
        case "comments":
            yield from reading.comment(line, value)
        case "worklogs":
            yield reading.worklog(line, value)
        case "values":
            yield reading.change(line, value)
        case _:
            for history in objects(an_object(value).get("changeHistories")):
                yield reading.change(line, history)
