"""Pages of records, by day and by kind, written in one pass over all records in order of time.

While the records pass, the rows of the page of the day and of one page of each kind are in memory; a full page waits in
a sealed spool. Then the names of all pages are known, and each is copied into the archive with its links. A page ends
after `MOST_ROWS`, or `MOST_BYTES` of rows and pictures. Who has records of very many days gets a page a month.

Make and use a `Pages` in one block `speaking`: what it writes is in that language.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from jinja2 import Template
from markupsafe import Markup, escape

from governance.export.archive import Archive, Sink, Spool
from governance.export.captures import Captures
from governance.export.readable.local import Local
from governance.export.readable.rows import KINDS, SUMMARISED, Rows, without_pictures
from governance.export.readable.templates import environment, word
from languages.saying import current, t, tn

MOST_ROWS = 1_000
MOST_BYTES = 600_000
PICTURE_BYTES = 6_000
"""What a picture counts for, so that a page has at most a hundred of them."""
MOST_DAYS = 400
"""With records of more days than this, there is a page for each month."""

_TABLE_END = "</tbody></table>\n"


@dataclass
class Summary:
    """Records of one kind on one day: how many, and the local times of the first and the last."""

    events: int
    first_at: datetime
    last_at: datetime


@dataclass
class _Page:
    name: str
    """Such as `days/2026-03-01.html`."""
    group: str
    """The period of a page of days, or the kind."""
    number: int
    rows: int = 0
    weight: int = 0
    first: date | None = None
    last: date | None = None
    html: list[str] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return self.rows >= MOST_ROWS or self.weight >= MOST_BYTES


@dataclass(frozen=True)
class Link:
    """A link from `index.html`: its words, what it leads to, and how many records are there."""

    words: str
    href: str
    events: int


@dataclass(frozen=True)
class Contents:
    """What `index.html` leads to."""

    days: Counter[date]
    """Records by local day."""
    by_day: Sequence[tuple[str, Sequence[Link]]]
    """Links by month, or by year if there is a page for each month."""
    by_kind: Sequence[Link]
    """Kinds without pages lead to a data file."""


class Pages:
    """Writes captures as pages into a spool; then `copy` puts these into the archive."""

    def __init__(self, out: Sink, local: Local, *, by_month: bool) -> None:
        self._out = out
        self._local = local
        self._by_month = by_month
        self._day: _Page | None = None
        self._kinds: dict[str, _Page] = {}
        self._finished: list[tuple[_Page, int]] = []
        self._summaries: dict[date, dict[str, Summary]] = defaultdict(dict)
        self._rows = Rows()
        heads = "".join(f'<th scope="col">{escape(words)}</th>' for words in (t("Time"), t("What")))
        self._table = f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"

    def write(self, captures: Captures) -> None:
        """Raises OSError."""
        plain = captures.plain
        for place, (moment, signal) in enumerate(zip(plain["captured_at"], plain["signal"], strict=True)):
            local = self._local.time(moment)
            day = local.date()
            of_day = self._summaries[day]
            if (summary := of_day.get(signal)) is None:
                of_day[signal] = Summary(1, local, local)
            else:
                summary.events += 1
                summary.last_at = local
            page = self._page_of_day(day, more=signal not in SUMMARISED)
            if signal not in SUMMARISED:
                pictured = signal == "screenshot" and plain["x"][place] is not None
                html = self._rows.row(
                    plain["capture_id"][place],
                    signal,
                    plain["application"][place],
                    local,
                    captures.content[place],
                    captures.redactions[place],
                    pictured=pictured,
                    unreadable=plain["unreadable"][place],
                )
                weight = len(html) + PICTURE_BYTES * pictured
                self._add(page, day, html, weight, linked="")
                self._add(self._page_of_kind(signal), day, html, weight, linked=page.name)

    def copy(self, archive: Archive, spool: Spool, missing: frozenset[UUID]) -> Contents:
        """Write every page into the archive. `missing`: pictures that are not there. Raises OSError."""
        for page in (self._day, *self._kinds.values()):
            if page is not None:
                self._finish(page)
        groups: dict[str, list[_Page]] = defaultdict(list)
        for page, _ in self._finished:
            groups["days" if page.name.startswith("days/") else page.group].append(page)
        for pages in groups.values():
            pages.sort(key=lambda page: (page.first or date.min, page.number))
        neighbours = {page.name: _neighbours(pages, at) for pages in groups.values() for at, page in enumerate(pages)}
        for (page, _), rows in zip(self._finished, spool.parts(size for _, size in self._finished), strict=True):
            words = rows.decode()
            words = without_pictures(words, missing.__contains__) if missing else words
            of_days = page.name.startswith("days/")
            html = _template().render(
                page=page,
                lang=current().code,
                title=self._title(page),
                zone=self._local.label,
                rows=Markup(words),  # noqa: S704 (`rows.py` escapes what was captured)
                summaries=self._summaries_of(page) if of_days and page.number == 1 else [],
                kinds=KINDS,
                counted=SUMMARISED,
                of_days=of_days,
                parts=[each for each in groups["days"] if each.group == page.group] if of_days else groups[page.group],
                a_day=of_days and not self._by_month,
                neighbours=neighbours[page.name],
            )
            archive.add(page.name, html.encode())
        return self._contents(groups)

    def _page_of_day(self, day: date, *, more: bool) -> _Page:
        """The page of a day; `more`: with room for one more row."""
        period = day.isoformat()[: 7 if self._by_month else 10]
        page = self._day
        if page is not None and page.group == period and not (more and page.full):
            return page
        number = 1
        if page is not None:
            self._finish(page)
            number = page.number + 1 if page.group == period else 1
        name = f"days/{period}.html" if number == 1 else f"days/{period}-{number}.html"
        self._day = _Page(name, period, number, first=day)
        return self._day

    def _page_of_kind(self, signal: str) -> _Page:
        page = self._kinds.get(signal)
        if page is not None and not page.full:
            return page
        if page is not None:
            self._finish(page)
        number = page.number + 1 if page else 1
        page = self._kinds[signal] = _Page(f"kinds/{signal}-{number}.html", signal, number)
        return page

    def _add(self, page: _Page, day: date, html: str, weight: int, linked: str) -> None:
        """Add a row, with a heading before the first of a day; `linked`: the page that the heading leads to."""
        if page.last != day:
            words = str(escape(current().full_day(day)))
            if linked:
                words = f'<a href="../{linked}">{words}</a>'
            elif not self._by_month:
                words = str(escape(t("In order of time")))
            page.html.append(f"{_TABLE_END if page.html else ''}<h2>{words}</h2>\n{self._table}")
        page.html.append(html)
        page.rows += 1
        page.weight += weight
        page.first, page.last = page.first or day, day

    def _finish(self, page: _Page) -> None:
        if page.html:
            page.html.append(_TABLE_END)
        content = "".join(page.html).encode()
        page.html = []
        self._out.write(content)
        self._finished.append((page, len(content)))

    def _title(self, page: _Page) -> str:
        if not page.name.startswith("days/"):
            return word(KINDS, page.group)
        day = date.fromisoformat(page.group if not self._by_month else f"{page.group}-01")
        return current().month(day) if self._by_month else current().full_day(day)

    def _summaries_of(self, page: _Page) -> list[tuple[str, int, str]]:
        """What was recorded in the period of a page: kind, how many, and when."""
        found: dict[str, list[Summary]] = defaultdict(list)
        for day, kinds in self._summaries.items():
            if day.isoformat().startswith(page.group):
                for signal, summary in kinds.items():
                    found[signal].append(summary)
        return [
            (signal, sum(each.events for each in days), _times(days))
            for signal, days in sorted(found.items(), key=lambda each: _order(each[0]))
        ]

    def _contents(self, groups: Mapping[str, list[_Page]]) -> Contents:
        days = Counter({day: sum(each.events for each in kinds.values()) for day, kinds in self._summaries.items()})
        events: Counter[str] = Counter()
        for day, number in days.items():
            events[day.isoformat()[: 7 if self._by_month else 10]] += number
        by_day: dict[str, list[Link]] = defaultdict(list)
        for page in groups["days"]:
            if page.number == 1:
                start = date.fromisoformat(f"{page.group}-01" if self._by_month else page.group)
                theirs = current()
                words = theirs.month_alone(start) if self._by_month else theirs.weekday(start)
                by_day[f"{start:%Y}" if self._by_month else theirs.month(start)].append(
                    Link(words, page.name, events[page.group])
                )
        kinds: Counter[str] = Counter()
        for of_day in self._summaries.values():
            kinds.update({signal: summary.events for signal, summary in of_day.items()})
        return Contents(
            days,
            list(by_day.items()),
            [
                Link(
                    word(KINDS, signal),
                    groups[signal][0].name if groups.get(signal) else "captures.csv",
                    kinds[signal],
                )
                for signal in sorted(kinds, key=_order)
            ],
        )


def _order(signal: str) -> int:
    return list(KINDS).index(signal) if signal in KINDS else len(KINDS)


def _times(days: Sequence[Summary]) -> str:
    if len(days) > 1:
        return tn("on {n} day", "on {n} days", len(days))
    first, last = days[0].first_at, days[0].last_at
    return (
        f"{first:%H:%M:%S}"
        if first == last
        else t("{first} to {last}", first=f"{first:%H:%M:%S}", last=f"{last:%H:%M:%S}")
    )


def _neighbours(pages: Sequence[_Page], at: int) -> tuple[_Page | None, _Page | None]:
    return pages[at - 1] if at else None, pages[at + 1] if at + 1 < len(pages) else None


@cache
def _template() -> Template:
    return environment(Path(__file__).parent).get_template("records.html")
