"""Jira's CSV export: a row is an issue. Columns that repeat (`Comment`, `Attachment`, `Log Work`) hold its parts as
`time;account;text`. It has no ids of them, no changes, times without seconds and zone (read as UTC), and doesn't say
who edited something: words count as those of the author.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import BinaryIO

import clock
from lake.archives.items import Item, Of, Role, Unattributed, iso
from lake.archives.jira_accounts import concerned, person
from lake.archives.jira_entries import APPLICATION, SIGNAL
from lake.archives.jira_text import mentioned, words
from lake.connectors.csv_rows import rows
from lake.connectors.records import InvalidRecord, InvalidSource, Quarantined, Record, content_of, identity

FORMATS = (
    "%d/%b/%y %I:%M %p", "%d/%b/%Y %I:%M %p", "%d/%b/%y %H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f%z",
)  # fmt: skip
TWICE = "issue in the CSV export that the JSON has, too"
NEEDED = ("issue key", "created")
Account = dict[str, str]
"""As Jira's JSON has it."""


def csv_items(
    content: BinaryIO, shown: str, people: Mapping[str, str], name: str, known: Collection[str]
) -> Iterator[Item]:
    """`shown`: the file, for messages; `known`: keys of issues that are read elsewhere. Raises InvalidSource."""
    read = rows(content)
    first = next(read, None)
    header = [] if first is None or isinstance(first, Quarantined) else [each.strip().lower() for each in first[1]]
    if not all(column in header for column in NEEDED):
        raise InvalidSource(
            f"{shown} is not a CSV export of Jira: its first line must name the columns Issue key and Created, in"
            " English. Nothing was changed. Export it with all fields."
        )
    for row in read:
        if isinstance(row, Quarantined):
            yield Unattributed("row", Quarantined(row.line, row.reason, file=name))
            continue
        if row[1][header.index("issue key")] in known:
            yield Unattributed(TWICE)
            continue
        try:
            yield from list(_Row(header, row[1], row[0], people).items())
        except InvalidRecord as error:
            yield Unattributed("row", Quarantined(row[0], str(error), file=name))


class _Row:
    """One issue."""

    def __init__(self, header: Sequence[str], row: Sequence[str], line: int, people: Mapping[str, str]) -> None:
        self._cells = list(zip(header, row, strict=True))
        self._line, self._people = line, people
        self._key = self._first("issue key")
        self._as_of = iso(_at(self._first("updated") or self._first("created")))
        self._seen: Counter[tuple[str, ...]] = Counter()

    def items(self) -> Iterator[Item]:
        """Raises InvalidRecord."""
        subject, text = words(self._first("summary")), words(self._first("description"))
        said = content_of(action="created an issue", subject=subject, text=text)
        creator = self._person("creator") or self._person("reporter")
        roles = {"assignee": Role.ASSIGNED, "reporter": Role.REPORTER}
        named = [(self._person(column), role) for column, role in roles.items()]
        named += _mentions(self._first("summary"), self._first("description"))
        yield self._of(creator, self._first("created"), said, "issue", named)
        for cell in self._all("comment"):
            at, account, body = _parts(cell)
            said = content_of(action="commented", text=words(body))
            yield self._of(_account(account), at, said, "comment", _mentions(body))
        for cell in self._all("attachment"):
            at, account, rest = _parts(cell)
            said = content_of(action="attached", files=rest.partition(";")[0])
            yield self._of(_account(account), at, said, "attachment")
        for cell in self._all("log work"):
            body, at, account, seconds = ["", *cell.rsplit(";", 3)][-4:]
            spent = f"{int(seconds) // 60} min" if seconds.isdecimal() and len(seconds) < 10 else ""
            said = content_of(action="logged work", text=words(body), spent=spent)
            yield self._of(_account(account), at, said, "worklog", _mentions(body))

    def _of(
        self, account: Account, at: str, said: dict[str, str], kind: str, named: Iterable[tuple[Account, Role]] = ()
    ) -> Item:
        whose = person(account, self._people)
        if not isinstance(whose, str):
            return whose
        when = _at(at)
        thing = kind, self._key, iso(when), account.get("accountId", "")
        self._seen[thing] += 1  # times have no seconds
        number = str(self._seen[thing])
        record = Record(
            line=self._line,
            captured_at=when,
            signal=SIGNAL,
            application=APPLICATION,
            session="/".join(("jira-csv", *thing, number)),
            identity=identity("jira-csv", *thing, number, said),
            content={**said, "title": self._key, "as_of": self._as_of},
        )
        others = concerned(named, account, self._people)
        return Of(whose, record, others, without_id=True)

    def _person(self, column: str) -> Account:
        """The account of a column, and the address that stands there beside an id; empty if there is none."""
        shown, number = self._first(column), self._first(f"{column} id")
        return _account(number or shown, shown)

    def _first(self, *columns: str) -> str:
        return next((cell for column in columns for name, cell in self._cells if name == column and cell), "")

    def _all(self, column: str) -> list[str]:
        return [cell for name, cell in self._cells if name == column and cell]


def _account(named: str, shown: str = "") -> Account:
    email = next((each for each in (shown, named) if "@" in each), "")
    return {"accountId": named, "emailAddress": email} if named else {}


def _mentions(*texts: str) -> list[tuple[Account, Role]]:
    return [(_account(account), Role.MENTIONED) for each in texts for account in mentioned(each)]


def _parts(cell: str) -> tuple[str, str, str]:
    """Raises InvalidRecord."""
    parts = cell.split(";", 2)
    if len(parts) != 3:
        raise InvalidRecord("a part of the issue isn't time;account;text")
    return parts[0], parts[1], parts[2]


def _at(value: str) -> datetime:
    """Raises InvalidRecord."""
    for form in FORMATS:
        try:
            found = datetime.strptime(value.strip(), form)  # noqa: DTZ007 (without a zone it is taken as UTC)
        except ValueError:
            continue
        return clock.naive(found)
    raise InvalidRecord("the time can't be read")
