"""The archive `jira`: what Jira's REST API v3 answers, or its CSV export; a file, or a folder of files.

| in the file | becomes |
|---|---|
| `issues` of a search | the issue of its creator, with everything in it |
| `values`, `issueChangeLogs` of a changelog | changes of their authors |
| `comments`, `worklogs` | those of their authors |
| a row of the CSV export | an issue with its comments, attachments and worklogs |

Entries that are in several files have the same id, so they are stored once. Entries of the CSV export have no ids: it
doesn't fit together with JSON of the same issues.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lake.archives.items import Item, Unattributed
from lake.archives.jira_csv import csv_items
from lake.archives.jira_entries import Entries
from lake.archives.json_files import an_object, objects, values_at
from lake.connectors.lines import opened
from lake.connectors.records import InvalidRecord, InvalidSource, Quarantined

PLACES = ("issues", "values", "issueChangeLogs", "comments", "worklogs")
LARGEST_ISSUE = 32 << 20
"""Bytes of an issue with its comments and changes: some have thousands."""


class Jira:
    """Reads pages as the API answered them, or the CSV export."""

    name = "jira"
    version = 1

    def read(self, location: str, people: Mapping[str, str]) -> Iterator[Item]:
        """Every entry. Raises InvalidSource."""
        files = _files(Path(location))
        for number, file in enumerate(files, start=1):
            name = f"file {number}" if len(files) > 1 else ""
            if file.suffix.lower() == ".csv":
                yield from csv_items(file, people, name)
            else:
                yield from _pages(file, Entries(people), name)


def _files(path: Path) -> list[Path]:
    """Raises InvalidSource."""
    if not path.is_dir():
        return [path]
    try:
        found = sorted(each for each in path.iterdir() if each.suffix.lower() in (".json", ".csv"))
    except OSError as error:
        raise InvalidSource(f"{path} can't be read. Nothing was changed.") from error
    if not found:
        raise InvalidSource(f"{path} has no .json or .csv files. Nothing was changed. Check the path.")
    return found


def _pages(file: Path, reading: Entries, name: str) -> Iterator[Item]:
    places = {f"{before}{place}.item": place for before in ("", "item.") for place in PLACES}
    any_found = False
    with opened(file, "JSON of Jira") as content:
        for found in values_at(content, tuple(places), name, LARGEST_ISSUE):
            any_found = True
            if isinstance(found, Quarantined):
                yield Unattributed("entry", found)
                continue
            prefix, line, value = found
            try:
                # As a list: a broken part costs what stands in the same entry, instead of half of it.
                yield from list(_items(reading, places[prefix], line, value))
            except InvalidRecord as error:
                yield Unattributed("entry", Quarantined(line, str(error), file=name))
    if not any_found:
        raise InvalidSource(
            f"{file} has no issues, changelogs, comments or worklogs of Jira. Nothing was changed."
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
