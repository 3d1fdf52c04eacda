"""The connector `activitywatch`: an export file, or the URL of a running server.

| bucket type | becomes |
|---|---|
| currentwindow | window_focus of the application, with its title |
| web.tab.current | navigation in the browser that the bucket is named after, with title and URL |
| app.editor.activity | navigation in the editor that the bucket is named after, with project and file |
| os.hid.input | keystroke, mouse_click, mouse_move and scroll: one record for each kind that an interval counts |
| afkstatus, os.lockscreen.unlocks | afk |

Events of other buckets are left out, and so is private browsing, by what a bucket of a browser says about its windows,
and by the title of the window (`private_windows`): they are counted by bucket and kind.

ActivityWatch counts input; it doesn't record keys or positions. An input record covers a whole interval and has the
count in `action`. An interval without any input is an afk record, so that every event is accounted for. Input
belongs to the application in the foreground at its start, according to the currentwindow bucket of the same host.
Records without an application are attributed to `Desktop`.

Two equal events of a bucket are copies of one, also if aw-sync brought the bucket from another device. A negative
duration, of a clock that was set back, counts as 0 s.

ActivityWatch extends its newest event while it lasts, so the duration is not part of a record's identity: an
event read twice is one capture, with the duration of the first reading.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from directory.sealing import Content
from lake.connectors.activitywatch_source import Bucket, ExportFile, Server, Source
from lake.connectors.private_windows import PRIVATE_BROWSING, says_private
from lake.connectors.records import (
    TOO_LARGE,
    UNKNOWN_APPLICATION,
    InvalidRecord,
    InvalidSource,
    LeftOut,
    Quarantined,
    Record,
    content_of,
    identity,
    moment,
)

NO_APPLICATION = "Desktop"
KINDS = (
    "currentwindow",
    "web.tab.current",
    "app.editor.activity",
    "os.hid.input",
    "afkstatus",
    "os.lockscreen.unlocks",
)
"""The kinds of buckets that are read; events of others are left out and counted."""
PRIVATE = (
    "incognito", "private", "privateBrowsing", "isIncognito", "isPrivate", "isPrivateBrowsing", "inPrivate",
    "isInPrivate",
)  # fmt: skip
"""What watchers of browsers call a private window."""
KIND = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,40}")
NAME = re.compile(r"[\w.-]{1,40}")
SYNCED = re.compile(r"-synced-from-.*$")
"""What aw-sync adds to the id of a bucket that it brings from another device."""
EPOCH = datetime.fromisoformat("1970-01-01")
MICROSECOND = timedelta(microseconds=1)
FOCUS_TOLERANCE = timedelta(seconds=60)
"""How long after the end of a window event its application still counts as in the foreground, because watchers poll."""


class ActivityWatch:
    """Reads one export or server."""

    name = "activitywatch"
    version = 2
    copies = True  # of events at the edge of two requests, and of what aw-sync brought from another device

    def read(self, location: str) -> Iterator[Record | Quarantined | LeftOut]:
        """Every event of every bucket. Raises InvalidSource."""
        source = _source(location)
        buckets = source.buckets()
        windows = [bucket for bucket in buckets.values() if bucket.type == "currentwindow"]
        has_input = any(bucket.type == "os.hid.input" for bucket in buckets.values())
        foreground = _Foreground(source, windows if has_input else [])
        for bucket, number, event in source.events(list(buckets.values())):
            try:
                yield from _records(bucket, number, event, foreground)
            except InvalidRecord as error:
                yield Quarantined(number, str(error))


class _Foreground:
    """Which application was in the foreground of a host, whether in a private window, and when."""

    def __init__(self, source: Source, buckets: list[Bucket]) -> None:
        spans: dict[str, _Spans] = {}
        if buckets:
            for bucket, _, event in source.events(buckets):
                try:
                    start, seconds, data = _parts(event)
                    name, title = _name(data), data.get("title")
                    private = isinstance(title, str) and says_private(name, title)
                    spans.setdefault(bucket.hostname, _Spans()).add(start, seconds, (name, private))
                except InvalidRecord:
                    continue  # reported when the bucket itself is read
        for windows in spans.values():
            windows.sort()
        self._spans = spans

    def at(self, hostname: str, time: datetime) -> tuple[str, bool]:
        found = self._spans[hostname].at(time) if hostname in self._spans else None
        return found or (NO_APPLICATION, False)


class _Spans:
    """When what was in the foreground, in 24 bytes for each event: there may be millions."""

    def __init__(self) -> None:
        self._starts, self._ends, self._which = array("q"), array("q"), array("q")
        self._shown: dict[tuple[str, bool], int] = {}
        self._listed: list[tuple[str, bool]] = []

    def add(self, start: datetime, seconds: float, shown: tuple[str, bool]) -> None:
        self._starts.append(_microseconds(start))
        self._ends.append(_microseconds(start + timedelta(seconds=seconds)))
        self._which.append(self._shown.setdefault(shown, len(self._shown)))

    def sort(self) -> None:
        """By start, end and what was shown; to be called once, after the last."""
        import numpy as np  # costly; most commands read no recording

        self._listed = sorted(self._shown)
        ranks = {self._shown[shown]: rank for rank, shown in enumerate(self._listed)}
        starts, ends, which = (np.frombuffer(each, np.int64) for each in (self._starts, self._ends, self._which))
        ranked = np.array([ranks[number] for number in range(len(ranks))])[which]
        order = np.lexsort((ranked, ends, starts))
        self._starts, self._ends, self._which = (array("q", each[order].tobytes()) for each in (starts, ends, ranked))

    def at(self, time: datetime) -> tuple[str, bool] | None:
        now = _microseconds(time)
        index = bisect_right(self._starts, now) - 1
        if index < 0 or now > self._ends[index] + FOCUS_TOLERANCE // MICROSECOND:
            return None
        return self._listed[self._which[index]]


def _microseconds(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def _source(location: str) -> Source:
    if location.startswith(("http://", "https://")):
        return Server(location)
    if "://" in location:
        raise InvalidSource(
            f"{location.partition(':')[0]}:// can't be read. Nothing was changed. Give a file, or an http(s) URL."
        )
    return ExportFile(Path(location))


def _records(bucket: Bucket, number: int, event: Any, foreground: _Foreground) -> Iterator[Record | LeftOut]:
    """The records of one event. Raises InvalidRecord."""
    start, seconds, data = _parts(event)
    if bucket.type not in KINDS:
        kind = bucket.type if KIND.fullmatch(bucket.type) else "an unknown kind"
        yield LeftOut(number, _watcher(bucket), f"events of {kind}", start, _left_out(bucket, start, data))
        return
    if any(str(data.get(flag)).casefold() in ("true", "1") for flag in PRIVATE):
        yield LeftOut(number, _browser(bucket), PRIVATE_BROWSING, start, _left_out(bucket, start, data))
        return
    if bucket.type == "os.hid.input":
        application, private = foreground.at(bucket.hostname, start)
        if private:
            yield LeftOut(number, application, PRIVATE_BROWSING, start, _left_out(bucket, start, data))
            return
    for signal, application, content in _captures(bucket, start, seconds, data, foreground):
        yield Record(
            line=number,
            captured_at=start,
            signal=signal,
            application=application,
            session=bucket.id,
            identity=identity("activitywatch", SYNCED.sub("", bucket.id), start, signal, data),
            content=content,
        )


def _left_out(bucket: Bucket, start: datetime, data: dict[str, Any]) -> bytes:
    return identity("activitywatch", SYNCED.sub("", bucket.id), start, "left out", data)


def _captures(
    bucket: Bucket, start: datetime, seconds: float, data: dict[str, Any], foreground: _Foreground
) -> list[tuple[str, str, Content]]:
    """(signal, application, content) of one event."""
    if bucket.type == "currentwindow":
        content = content_of(title=data.get("title"), action=f"in the foreground for {seconds:.1f} s")
        return [("window_focus", _name(data), content)]
    if bucket.type == "web.tab.current":
        content = content_of(title=data.get("title"), url=data.get("url"), action=f"open for {seconds:.1f} s")
        return [("navigation", _browser(bucket), content)]
    if bucket.type == "app.editor.activity":
        content = content_of(title=data.get("project"), element=data.get("file"), action=f"open for {seconds:.1f} s")
        return [("navigation", _watcher(bucket), content)]
    if bucket.type == "os.lockscreen.unlocks":
        return [("afk", NO_APPLICATION, content_of(action="unlocked"))]
    if bucket.type == "afkstatus":
        return [("afk", NO_APPLICATION, content_of(action=f"{data.get('status')} for {seconds:.1f} s"))]
    if bucket.type == "os.hid.input":
        application, _ = foreground.at(bucket.hostname, start)
        counted = _input(data, f"in {seconds:.1f} s")
        none = ("afk", NO_APPLICATION, content_of(action=f"no input for {seconds:.1f} s"))
        return [(signal, application, content) for signal, content in counted] or [none]
    raise AssertionError(bucket.type)


def _watcher(bucket: Bucket) -> str:
    """What a bucket watches, by its id: `vscode` for `aw-watcher-vscode_laptop`."""
    plain = SYNCED.sub("", bucket.id)
    plain = plain.removesuffix(f"_{bucket.hostname}") if bucket.hostname else plain.partition("_")[0]
    name = plain.removeprefix("aw-").removeprefix("watcher-")
    return name if NAME.fullmatch(name) else UNKNOWN_APPLICATION


def _browser(bucket: Bucket) -> str:
    name = _watcher(bucket)
    if name == "web":
        return "Browser"
    return name.removeprefix("web-") if name.startswith("web-") else NO_APPLICATION


def _input(data: dict[str, Any], during: str) -> list[tuple[str, Content]]:
    """(signal, content) for each kind of input that an interval counts."""
    count = {name: _count(data.get(name, 0)) for name in data}
    captures: list[tuple[str, Content]] = []
    if presses := count.get("presses"):
        captures.append(("keystroke", content_of(action=f"{presses} presses {during}")))
    if clicks := count.get("clicks"):
        captures.append(("mouse_click", content_of(action=f"{clicks} clicks {during}")))
    for signal, verb, x, y in (
        ("mouse_move", "moved", "deltaX", "deltaY"),
        ("scroll", "scrolled", "scrollX", "scrollY"),
    ):
        if count.get(x) or count.get(y):
            captures.append((signal, content_of(action=f"{verb} {during}", dx=count.get(x, 0), dy=count.get(y, 0))))
    return captures


def _parts(event: Any) -> tuple[datetime, float, dict[str, Any]]:
    """Start (naive UTC), seconds and data of an event. Raises InvalidRecord."""
    if event is TOO_LARGE:
        raise InvalidRecord(TOO_LARGE)
    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
        raise InvalidRecord("not an event with data")
    seconds = event.get("duration", 0)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | Decimal) or not -(10**9) < seconds < 10**9:
        raise InvalidRecord("the duration can't be read")
    return moment(event.get("timestamp")), max(float(seconds), 0.0), event["data"]


def _name(data: dict[str, Any]) -> str:
    application = data.get("app")
    if not isinstance(application, str) or not application:
        raise InvalidRecord("no application is named")
    return application


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not -(10**9) <= value <= 10**9:
        raise InvalidRecord("the counts can't be read")
    return round(value)
