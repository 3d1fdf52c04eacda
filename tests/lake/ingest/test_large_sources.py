"""Sources that don't fit into memory: read, examined and stored in parts, with the same outcome as at once."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import lake.ingest.refusals
import lake.ingest.rows
import lake.safeguards.redaction
import lake.spools.items
import lake.spools.ordinals
import lake.spools.tables
from directory import Employee
from lake.ingest.ingesting import ingest
from lake.spools import spill
from lake.spools.blocks import Blocks
from lake.storage import store
from lake.storage.connection import lake_folder, reader
from tests.lake.ingesting import START, UI_LOG_COLUMNS, allow, stored
from tests.support.people import Company

MORE_MB = 30
"""That four times as many rows may take more: their records alone would take some 60."""

MEASURED = """
import sys
from pathlib import Path
import lake.ingest.rows, lake.spools.items, lake.spools.tables, lake.safeguards.redaction
lake.ingest.rows.CHUNK_ROWS = 2_000
lake.spools.items.IN_MEMORY = lake.spools.tables.IN_MEMORY = lake.safeguards.redaction.BLOCK = 2 << 20
lake.spools.tables.TOGETHER = 5_000
from lake.ingest.ingesting import ingest
ingest("ui-log", sys.argv[1], "ada@example.com")
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


def small_parts(patch: pytest.MonkeyPatch) -> None:
    """As if little fitted into memory."""
    patch.setattr(lake.ingest.refusals, "CHUNK_ROWS", 10)
    patch.setattr(lake.ingest.rows, "CHUNK_ROWS", 20)
    patch.setattr(lake.safeguards.redaction, "BLOCK", 20_000)
    patch.setattr(lake.spools.items, "IN_MEMORY", 20_000)
    patch.setattr(lake.spools.items, "OF_EACH_RUN", 3)
    patch.setattr(lake.spools.ordinals, "IN_MEMORY", 50)
    patch.setattr(lake.spools.tables, "IN_MEMORY", 5_000)
    patch.setattr(lake.spools.tables, "TOGETHER", 60)


def rows(count: int) -> Iterator[list[str]]:
    """Fields that change key by key, passwords, keys, equal rows, refused and broken ones, not in order of time."""
    chance, at, number = random.Random(11), START, 0
    while number < count:
        at += timedelta(seconds=chance.choice((0, 1, 20, 90)))
        when = (at - timedelta(seconds=chance.choice((0, 0, 0, 300)))).isoformat() + "Z"
        kind = chance.randrange(9)
        some: list[list[str]]
        if kind < 2:
            whole = chance.choice(("4111 1111 1111 1111", "ask ada@example.com", f"note {number}", "Tr0ub4dor&3"))
            some = [["Chrome", "editField", "", "", "q", "text", whole[:end]] for end in range(1, len(whole) + 1)]
        elif kind == 2:
            some = [["Chrome", "editField", "", "", "password", "password", f"Secret{chance.randrange(9)}word"]]
        elif kind == 3:
            some = [["Excel", "getCell", "", "", "", "", f"it is Secret{chance.randrange(9)}word, {number}"]]
        elif kind == 4:
            typed = chance.choice(("ada@example.com\tGeheim99x", "4111111111111111", "hello", "sudo ls"))
            some = [["explorer", "keyDown", "", {"\t": "Tab"}.get(key, key), "", "", ""] for key in typed]
        elif kind == 5:
            some = [["Chrome", "click", "", "", "same", "", ""]] * 3
        elif kind == 6:
            some = [[f"Game {chance.randrange(3)}", "click", "", "", "", "", ""]] * 2
        elif kind == 7:
            some = [["Chrome", "nothing known", "", "", "", "", ""], ["Chrome - Incognito", "click", *[""] * 5]]
        else:
            some = [["Chrome", "navigate_to", f"https://example.com/?token=abcdefgh{number}", "", "", "", ""]]
        yield from ([when, "ada", *each] for each in some)
        number += len(some)


def log(file: Path, count: int) -> str:
    with file.open("w", newline="", encoding="utf-8") as lines:
        table = csv.writer(lines)
        table.writerow(UI_LOG_COLUMNS)
        table.writerows(rows(count))
    return str(file)


def refused_of(subject: Employee) -> list[tuple[object, ...]]:
    with reader() as lake:
        found = lake.execute(
            "select day, signal, reason, name is null, records from refused where subject = ? order by all",
            [subject.subject],
        )
        return found.fetchall()


def test_parts_have_the_same_outcome(person: Company, tmp_path: Path) -> None:
    allow()
    once, in_parts = person("ada@example.com"), person("bob@example.com")
    source = log(tmp_path / "log.csv", 600)
    whole = ingest("ui-log", source, once.email)
    with pytest.MonkeyPatch.context() as patch:
        small_parts(patch)
        parts = ingest("ui-log", source, in_parts.email)
        again = ingest("ui-log", source, in_parts.email)

    known = replace(parts.batch, batch=whole.batch.batch, subject=whole.batch.subject)
    assert replace(parts, batch=known) == whole
    assert parts.batch.stored > 300
    assert sorted(stored(in_parts.subject), key=str) == sorted(stored(once.subject), key=str)
    assert refused_of(in_parts) == refused_of(once)
    assert (again.batch.stored, again.batch.already_known) == (0, parts.batch.stored)
    assert refused_of(in_parts) == refused_of(once)


def test_copies_far_apart_are_stored_once(person: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allow()
    ada = person("ada@example.com")
    start = datetime.fromisoformat("2026-01-05T09:00:00+00:00")
    events = [
        {
            "timestamp": (start + timedelta(seconds=number)).isoformat(),
            "duration": 1,
            "data": {"app": app, "title": "a"},
        }
        for number in range(100)
        for app in ("Chrome", "Game")
    ]
    bucket = {"id": "aw-watcher-window_h", "type": "currentwindow", "hostname": "h", "events": events * 3}
    file = tmp_path / "aw.json"
    file.write_text(json.dumps({"buckets": {"aw-watcher-window_h": bucket}}))
    small_parts(monkeypatch)
    batch = ingest("activitywatch", str(file), ada.email).batch

    assert (batch.read, batch.stored, batch.already_known, batch.outside_policy) == (600, 100, 200, 300)
    assert sum(int(str(row[-1])) for row in refused_of(ada)) == 100


def test_nothing_is_stored_unless_all_parts_are(
    person: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow()
    ada = person("ada@example.com")
    small_parts(monkeypatch)
    source = log(tmp_path / "log.csv", 600)
    stored_parts: list[object] = []
    store_part = store._store_part

    def fail_at_the_third(*of_part: object) -> None:
        if len(stored_parts) == 2:
            raise KeyboardInterrupt
        store_part(*of_part)  # type: ignore[arg-type]
        stored_parts.append(of_part)

    with monkeypatch.context() as patch:
        patch.setattr(store, "_store_part", fail_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            ingest("ui-log", source, ada.email)

    assert not stored(ada.subject)
    assert not refused_of(ada)
    assert ingest("ui-log", source, ada.email).batch.stored > 300


def test_what_is_kept_in_a_file_is_unreadable_and_has_no_name(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = []

    def noted(folder: Path) -> int:
        files.append(spill.unnamed_file(folder))
        return files[-1]

    monkeypatch.setattr("lake.spools.blocks.unnamed_file", noted)
    blocks = Blocks()
    blocks.add(b"a word of somebody" * 100)
    blocks.add(b"another word" * 100)

    assert blocks.read(0) == b"a word of somebody" * 100
    assert blocks.read(1) == b"another word" * 100
    assert os.fstat(files[0]).st_nlink == 0
    assert b"word" not in os.pread(files[0], 10_000, 0)
    assert not [path for path in (lake_folder() / "spill").rglob("*") if path.is_file() and path.suffix != ".lock"]
    del blocks
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(files[0])


def test_memory_does_not_grow_with_the_rows(person: Company, tmp_path: Path) -> None:
    allow()
    person("ada@example.com")
    peaks = []
    for count in (10_000, 40_000):
        command = [sys.executable, "-c", MEASURED, log(tmp_path / f"{count}.csv", count)]
        peaks.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) / 1024)

    assert peaks[1] - peaks[0] < MORE_MB
