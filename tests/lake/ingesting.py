"""Ingesting in tests: a policy for the test's captures, small recordings, and the resulting lake."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from directory.keys import KeyRing, Oneself
from directory.sealing import Content, Sealer
from lake.rules.policies import Policy, apply_policies
from lake.rules.scope import SIGNALS
from lake.storage.connection import LakeUnavailable, reader, writer

APPLICATIONS = ("Chrome", "Excel", "OS-Clipboard", "explorer", "ShellExperienceHost", "ApplicationFrameHost")
START = datetime.fromisoformat("2026-01-05T09:00:00")

UI_LOG_COLUMNS = (
    "timeStamp", "userID", "targetApp", "eventType", "url", "content", "target.name", "target.type", "target.value",
)  # fmt: skip


def allow(
    applications: Sequence[str] = APPLICATIONS,
    *,
    signals: Sequence[str] = SIGNALS,
    safeguards: Sequence[str] = ("mask", "drop_passwords"),
    days: int = 3650,
    valid_from: date = date(2019, 1, 1),
    permits: Sequence[str] = (),
) -> None:
    """Apply the only policy of the test."""
    policy = Policy(
        "test", "Test", "test", "test", list(signals), list(applications), list(safeguards), days, valid_from,
        permits=list(permits), announced_on=date(2018, 12, 1), announced_by="letter",
    )  # fmt: skip
    with writer() as connection:
        apply_policies(connection, [policy])


@dataclass(frozen=True)
class Stored:
    """One capture as the lake holds it."""

    captured_at: datetime
    signal: str
    application: str
    redactions: dict[str, int] | None
    content: Content | None


def stored(subject: UUID) -> list[Stored]:
    """All captures of a person, decrypted with their key, in order of time."""
    try:
        connection = reader()
    except LakeUnavailable:
        return []
    rows = connection.execute(
        "select capture_id, captured_at, signal, application, redactions, sealed from captures"
        " where subject = $subject order by captured_at, capture_id",
        {"subject": subject},
    ).fetchall()
    connection.close()
    if not rows:
        return []
    ring = KeyRing()
    key = ring.content_key(subject, Oneself(subject))
    assert key is not None
    sealer = Sealer(key)
    return [
        Stored(at, signal, application, redactions, sealer.open(capture_id, sealed) if sealed else None)
        for capture_id, at, signal, application, redactions, sealed in rows
    ]


def texts(captures: Iterable[Stored]) -> str:
    """All stored text, joined."""
    return "\n".join(text for capture in captures for text in (capture.content or {}).values())


def opencua_folder(folder: Path, events: Iterable[dict[str, Any]], application: str = "Chrome") -> Path:
    """A recording that starts at `START`; `time_stamp` of the events counts from 100.0."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metadata.json").write_text(
        json.dumps({"start_time": f"{START:%Y-%m-%d %H:%M:%S}", "video_start_timestamp": 100.0})
    )
    (folder / "top_window.jsonl").write_text(json.dumps({"time_stamp": 100.0, "top_window_name": application}))
    (folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    return folder


def typing(keys: Iterable[str], *, seconds: float = 0.2, releases: bool = False) -> list[dict[str, Any]]:
    """Key events, one press every `seconds`."""
    events = []
    for index, key in enumerate(keys):
        at = 101.0 + index * seconds
        events.append({"time_stamp": at, "action": "press", "name": key})
        if releases:
            events.append({"time_stamp": at + seconds * 1.5, "action": "release", "name": key})
    return sorted(events, key=lambda event: event["time_stamp"])


def ui_log_row(number: int = 0, **values: str) -> str:
    """A row of a UI log, `number` seconds after `START`."""
    row = {
        "timeStamp": f"{START + timedelta(seconds=number):%Y-%m-%dT%H:%M:%S}.000Z",
        "userID": "recorder1",
        "targetApp": "Chrome",
        "eventType": "editField",
        **{name.replace("target_", "target."): value for name, value in values.items()},
    }
    return ",".join('"' + row.get(column, "").replace('"', '""') + '"' for column in UI_LOG_COLUMNS)


def ui_log(file: Path, rows: Iterable[str]) -> Path:
    file.write_text("\n".join([",".join(UI_LOG_COLUMNS), *rows]) + "\n", encoding="utf-8")
    return file
