"""ActivityWatch: a real server, filled through its REST API as watchers do it, and its exports."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lake.connectors import CONNECTORS, InvalidSource, Record
from lake.ingest.ingesting import Summary, ingest
from tests.lake.ingest.activitywatch_server import Server, serving
from tests.lake.ingesting import START, Stored, allow, stored
from tests.support.people import Company

APPLICATIONS = ["Excel", "Firefox", "firefox", "Desktop"]


def event(seconds: float, duration: float, **data: Any) -> dict[str, Any]:
    return {
        "timestamp": f"{(START + timedelta(seconds=seconds)).isoformat()}+00:00",
        "duration": duration,
        "data": data,
    }


def inputs(presses: int = 0, clicks: int = 0, moved: int = 0, scrolled: int = 0) -> dict[str, int]:
    return {
        "presses": presses, "clicks": clicks, "deltaX": moved, "deltaY": 2 * moved, "scrollX": 0, "scrollY": scrolled,
    }  # fmt: skip


BUCKETS = {
    "aw-watcher-window_desk": (
        "currentwindow",
        [
            event(0, 60, app="Excel", title="Budget of ada@example.com.xlsx"),
            event(60, 30, app="Firefox", title="Search"),
        ],
    ),
    "aw-watcher-input_desk": (
        "os.hid.input",
        [
            event(5, 1, **inputs(presses=7, clicks=2, moved=120)),
            event(65, 1, **inputs(scrolled=-3)),
            event(70, 1, **inputs()),
            event(900, 1, **inputs(presses=1)),
        ],
    ),
    "aw-watcher-web-firefox_desk": (
        "web.tab.current",
        [event(61, 10, url="https://example.com/?q=4111%201111%201111%201111", title="Search", audible=False)],
    ),
    "aw-watcher-afk_desk": ("afkstatus", [event(0, 90, status="not-afk"), event(90, 800, status="afk")]),
}
RECORDS = Counter(
    {
        ("window_focus", "Excel"): 1,
        ("window_focus", "Firefox"): 1,
        ("keystroke", "Excel"): 1,
        ("mouse_click", "Excel"): 1,
        ("mouse_move", "Excel"): 1,
        ("scroll", "Firefox"): 1,
        ("keystroke", "Desktop"): 1,
        ("navigation", "firefox"): 1,
        ("afk", "Desktop"): 3,
    }
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("activitywatch")) as running:
        for bucket, (kind, events) in BUCKETS.items():
            running.fill(bucket, kind, events)
        yield running


def export(file: Path, buckets: dict[str, tuple[str, list[Any]]], **more: Any) -> Path:
    file.write_text(
        json.dumps(
            {
                "buckets": {
                    name: {"id": name, "type": kind, "client": "test", "hostname": "desk", "events": events, **more}
                    for name, (kind, events) in buckets.items()
                }
            }
        )
    )
    return file


def kinds(captures: list[Stored]) -> Counter[tuple[str, str]]:
    return Counter((capture.signal, capture.application) for capture in captures)


def by_kind(captures: list[Stored], signal: str, application: str) -> dict[str, str]:
    [content] = [
        capture.content for capture in captures if (capture.signal, capture.application) == (signal, application)
    ]
    assert content is not None
    return content


def test_a_running_server_is_read(person: Company, server: Server) -> None:
    ada = person()
    allow(APPLICATIONS)
    batch = ingest("activitywatch", server.url, ada.email).batch
    captures = stored(ada.subject)
    assert (batch.read, batch.stored, batch.quarantined) == (11, 11, 0)
    assert kinds(captures) == RECORDS
    assert by_kind(captures, "keystroke", "Excel") == {"action": "7 presses in 1.0 s"}
    assert by_kind(captures, "mouse_click", "Excel") == {"action": "2 clicks in 1.0 s"}
    assert by_kind(captures, "mouse_move", "Excel") == {"action": "moved in 1.0 s", "dx": "120", "dy": "240"}
    assert by_kind(captures, "window_focus", "Excel") == {
        "title": "Budget of [e-mail address removed]",
        "action": "in the foreground for 60.0 s",
    }
    assert by_kind(captures, "navigation", "firefox")["url"] == "https://example.com/?q=[card number removed]"
    assert {capture.captured_at for capture in captures if capture.signal == "scroll"} == {
        START + timedelta(seconds=65)
    }


def test_reading_a_server_again_adds_nothing(person: Company, server: Server) -> None:
    ada = person()
    allow(APPLICATIONS)
    ingest("activitywatch", server.url, ada.email)
    batch = ingest("activitywatch", f"{server.url}/", ada.email).batch
    assert (batch.stored, batch.already_known) == (0, 11)


def test_a_server_and_its_export_are_the_same(person: Company, server: Server, tmp_path: Path) -> None:
    ada = person()
    allow(APPLICATIONS)
    (tmp_path / "export.json").write_text(json.dumps(server.call("GET", "export")))
    batch = ingest("activitywatch", str(tmp_path / "export.json"), ada.email).batch
    assert batch.stored == 11
    batch = ingest("activitywatch", server.url, ada.email).batch
    assert (batch.stored, batch.already_known) == (0, 11)


def test_an_extended_event_is_the_same_capture(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow(APPLICATIONS)
    for duration in (10, 25):
        events = [event(0, duration, app="Excel", title="Budget")]
        batch = ingest(
            "activitywatch",
            str(export(tmp_path / "export.json", {"aw-watcher-window_desk": ("currentwindow", events)})),
            ada.email,
        ).batch
    assert (batch.stored, batch.already_known) == (0, 1)


def test_the_order_of_an_export_does_not_matter(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow(APPLICATIONS)
    whole = json.loads(export(tmp_path / "export.json", BUCKETS).read_text())
    whole["buckets"] = dict(reversed(whole["buckets"].items()))
    (tmp_path / "export.json").write_text(json.dumps(whole, sort_keys=True))
    ingest("activitywatch", str(tmp_path / "export.json"), ada.email)
    assert kinds(stored(ada.subject)) == RECORDS


BROKEN: dict[str, Any] = {
    "not an object": "secret",
    "no data": {"timestamp": "2026-01-05T09:00:00Z", "duration": 1},
    "no application": event(0, 1, title="secret"),
    "no time": {"timestamp": "secret", "duration": 1, "data": {"app": "Excel"}},
    "a duration of text": {"timestamp": "2026-01-05T09:00:00Z", "duration": "secret", "data": {"app": "Excel"}},
    "a number without end": event(0, 1, app="Excel", title=10**400),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_event_costs_only_itself(person: Company, tmp_path: Path, broken: Any) -> None:
    ada = person()
    allow(APPLICATIONS)
    events = [event(0, 1, app="Excel", title="before"), broken, event(9, 1, app="Excel", title="after")]
    buckets = {"aw-watcher-window_desk.local": ("currentwindow", events)}
    summary = ingest("activitywatch", str(export(tmp_path / "export.json", buckets)), ada.email)
    assert counts(summary) == (3, 2, 1)
    assert summary.quarantined[0].line == 2
    assert "secret" not in summary.quarantined[0].reason


def test_an_unknown_kind_of_bucket_is_left_out_and_named(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow(APPLICATIONS)
    buckets = {"aw-stopwatch": ("general.stopwatch", [event(0, 1, label="secret"), event(1, 1, label="x")])}
    summary = ingest("activitywatch", str(export(tmp_path / "export.json", buckets)), ada.email)
    assert counts(summary) == (2, 0, 0)
    assert summary.outside_policy == {("stopwatch", "events of general.stopwatch"): 2}


@pytest.mark.parametrize(
    "flag",
    [
        {"incognito": True},
        {"incognito": "true"},
        {"private": True},
        {"isIncognito": 1},
        {"isPrivate": True},
        {"inPrivate": "true"},
    ],
)
def test_private_browsing_is_not_stored(person: Company, tmp_path: Path, flag: dict[str, Any]) -> None:
    ada = person()
    allow(("firefox",))
    pages = [
        event(0, 5, url="https://clinic.example", title="secret", **flag),
        event(9, 5, url="https://a.example"),
    ]
    buckets = {"aw-watcher-web-firefox_desk": ("web.tab.current", pages)}
    summary = ingest("activitywatch", str(export(tmp_path / "export.json", buckets)), ada.email)
    assert [capture.application for capture in stored(ada.subject)] == ["firefox"]
    assert summary.outside_policy == {("firefox", "private browsing"): 1}


@pytest.mark.parametrize(
    ("bucket", "application"),
    [
        ("aw-watcher-web-ms-edge_desk", "ms-edge"),
        ("aw-watcher-web-zen-browser_desk", "zen-browser"),
        ("aw-watcher-web-chrome_desk-synced-from-laptop", "chrome"),
        ("aw-watcher-web_desk", "Browser"),
    ],
)
def test_the_browser_is_the_one_in_the_buckets_name(tmp_path: Path, bucket: str, application: str) -> None:
    pages = [event(0, 5, url="https://a.example", title="a")]
    file = export(tmp_path / "export.json", {bucket: ("web.tab.current", pages)})
    [record] = CONNECTORS["activitywatch"].read(str(file))
    assert isinstance(record, Record)
    assert record.application == application


def test_copies_of_an_event_are_one_capture(person: Company, tmp_path: Path) -> None:
    ada = person()
    allow(APPLICATIONS)
    twice = [event(0, 5, app="Excel", title="same"), event(0, 5, app="Excel", title="same")]
    buckets = {
        "aw-watcher-window_desk": ("currentwindow", twice),
        "aw-watcher-window_desk-synced-from-laptop": ("currentwindow", twice[:1]),
    }
    batch = ingest("activitywatch", str(export(tmp_path / "export.json", buckets)), ada.email).batch
    assert (batch.read, batch.stored, batch.already_known) == (3, 1, 2)


def test_a_clock_set_back_leaves_no_negative_time(tmp_path: Path) -> None:
    buckets = {"aw-watcher-window_desk": ("currentwindow", [event(0, -1, app="Excel", title="a")])}
    [record] = CONNECTORS["activitywatch"].read(str(export(tmp_path / "export.json", buckets)))
    assert isinstance(record, Record)
    assert record.content["action"] == "in the foreground for 0.0 s"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_buckets_may_be_a_list_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    """As aw-core's schema has it."""
    bucket = {"id": "aw-watcher-window_desk", "type": "currentwindow", "hostname": "desk"}
    other = {"events": [event(3, 1, app="Word", title="ö")], "type": "currentwindow", "id": "b"}
    buckets = [bucket | {"events": [event(0, 1, app="Excel", title="ä"), event(1, 1, app="Excel", title="b")]}, other]
    file = tmp_path / "export.json"
    file.write_text(json.dumps({"buckets": buckets}, ensure_ascii=False), encoding=encoding)
    records = list(CONNECTORS["activitywatch"].read(str(file)))
    assert [(one.line, one.content["title"]) for one in records if isinstance(one, Record)] == [
        (1, "ä"),
        (2, "b"),
        (1, "ö"),
    ]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://localhost:1", "it can't be reached"),
        ("http://user:hunter22@localhost:1", "without user name and password.*change it"),
        ("ftp://localhost/export.json", "ftp:// can't be read"),
    ],
)
def test_no_server_there(person: Company, url: str, said: str) -> None:
    ada = person()
    allow(APPLICATIONS)
    with pytest.raises(InvalidSource, match=said) as refusal:
        ingest("activitywatch", url, ada.email)
    assert "Nothing was changed" in str(refusal.value)
    assert "hunter22" not in str(refusal.value)


def test_another_server_there(person: Company, server: Server) -> None:
    ada = person()
    allow(APPLICATIONS)
    with pytest.raises(InvalidSource, match="it answered 404"):
        ingest("activitywatch", f"{server.url}/elsewhere", ada.email)


def counts(summary: Summary) -> tuple[int, int, int]:
    return summary.batch.read, summary.batch.stored, summary.batch.quarantined
