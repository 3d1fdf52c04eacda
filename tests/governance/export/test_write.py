"""An export from a real lake: complete, from one snapshot, and sealed."""

from __future__ import annotations

import errno
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from directory import Employee
from directory.keys import KeyRing, Oneself
from governance.export import open_export
from governance.export.sealed_file import SealedWriter, WrongKey
from lake.rules.scope import Scope
from lake.storage.connection import LakeUnavailable
from lake.storage.objects import at
from queries.snapshot import Snapshot
from tests.governance.captured import CAPTURES, FIRST_DAY, put
from tests.governance.export.opening import ASKED, HOLD, REQUEST, lines, manifest, read, rule, unzip, write
from tests.support.disk import files_with
from tests.support.people import Company


def test_export_contains_everything_promised(ada: Employee, path: Path) -> None:
    export = write(ada, path, requests=[ASKED])
    files = unzip(ada, path)
    assert list(files) == [
        "captures.jsonl",
        "captures.csv",
        "captures.parquet",
        *(f"days/2026-03-0{day}.html" for day in range(1, 8)),
        "kinds/mouse_click-1.html",
        "kinds/keystroke-1.html",
        "kinds/navigation-1.html",
        "kinds/form_edit-1.html",
        "lineage.jsonl",
        "models.json",
        "violations.json",
        "ingestions.json",
        "refused.json",
        "indirect.json",
        "retention.json",
        "requests.json",
        "receipts.json",
        "pauses.json",
        "recorders.json",
        "notices.json",
        "notifications.json",
        "views.json",
        "access-log.json",
        "about.json",
        "index.html",
        "verifier.py",
        "HOW-TO-CHECK.txt",
        "manifest.json",
    ]
    assert orjson.loads(files["requests.json"])[0]["id"] == str(REQUEST)
    plain = read(ada, path)
    assert (export.size, export.sha256) == (len(plain), hashlib.sha256(plain).hexdigest())
    assert export.counts["catalogued"] == len(CAPTURES)


def test_export_excludes_colleagues(ada: Employee, person: Company, path: Path) -> None:
    put(person("bob@example.com"), [{"content": {"text": "a secret of Bob"}}] * 3)
    write(ada, path)
    assert not any(b"a secret of Bob" in content for content in unzip(ada, path).values())


def test_the_manifest_has_size_and_hash_of_every_other_file(ada: Employee, path: Path) -> None:
    write(ada, path)
    files = unzip(ada, path)
    said = manifest(files)
    del files["manifest.json"]
    assert {entry["name"]: (entry["bytes"], entry["sha256"]) for entry in said["files"]} == {
        name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in files.items()
    }
    assert {entry["name"]: entry["rows"] for entry in said["files"] if entry["name"].startswith("captures")} == {
        name: len(CAPTURES) for name in ("captures.jsonl", "captures.csv", "captures.parquet")
    }
    assert (said["schema"], said["schema_version"], said["scope"]) == ("open-book-export", 2, {})


@pytest.mark.parametrize(
    ("scope", "days"),
    [
        (Scope(signals=("keystroke",)), [3, 4]),
        (Scope(applications=("Chrome",)), [5, 6]),
        (Scope(from_at=FIRST_DAY + timedelta(days=2)), [2, 3, 4, 5, 6]),
        (Scope(from_at=FIRST_DAY + timedelta(days=2, seconds=1)), [3, 4, 5, 6]),
        (Scope(until_at=FIRST_DAY + timedelta(days=2)), [0, 1]),
        (Scope(from_at=FIRST_DAY, until_at=FIRST_DAY + timedelta(seconds=1)), [0]),
        (Scope(("mouse_move",), ("Chrome",)), []),
    ],
)
def test_partial_export_adds_up(ada: Employee, path: Path, scope: Scope, days: list[int]) -> None:
    export = write(ada, path, scope=scope)
    files = unzip(ada, path)
    assert [capture["signal"] for capture in lines(files)] == [CAPTURES[day]["signal"] for day in days]
    assert export.counts["catalogued"] == len(days)
    assert "You asked for a part" in files["index.html"].decode()


def test_export_is_one_snapshot(ada: Employee, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More is captured, and a hold placed, while the export is being written."""
    number = Snapshot.number

    def then_the_lake_changes(snapshot: Snapshot) -> int:
        seen = number(snapshot)
        put(ada, [{"captured_at": FIRST_DAY + timedelta(days=1, hours=hour)} for hour in range(5)])
        rule(HOLD, ada, signals=None)
        return seen

    monkeypatch.setattr(Snapshot, "number", then_the_lake_changes)
    export = write(ada, path)
    assert (export.counts["catalogued"], export.counts["holds"]) == (7, 0)


def test_export_restarts_after_cleanup(ada: Employee, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    withheld = Snapshot.withheld
    failures = [LakeUnavailable("cleaned up"), LakeUnavailable("cleaned up")]

    def failing_twice(snapshot: Snapshot, scope: Scope) -> Any:
        if failures:
            raise failures.pop()
        return withheld(snapshot, scope)

    monkeypatch.setattr(Snapshot, "withheld", failing_twice)
    write(ada, path)
    assert len(lines(unzip(ada, path))) == len(CAPTURES)
    assert list(path.parent.iterdir()) == [path]


def test_no_plaintext_reaches_the_disk(ada: Employee, path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    withheld = Snapshot.withheld
    seen: list[str] = []

    def looking_at_the_disk(snapshot: Snapshot, scope: Scope) -> Any:
        seen.extend(file.name for file in home.rglob("*"))
        assert files_with(home, [b"HYPERLINK"]) == []
        return withheld(snapshot, scope)

    monkeypatch.setattr(Snapshot, "withheld", looking_at_the_disk)
    write(ada, path)
    assert any(name.endswith(".draft") for name in seen)
    sealed = path.read_bytes()
    assert not any(word in sealed for word in (b"HYPERLINK", b"captures.jsonl", b"PK\x03\x04", b"PAR1"))


def test_export_is_unreadable_without_the_owners_key(ada: Employee, path: Path) -> None:
    write(ada, path)
    ring = KeyRing()
    ring.destroy_content_key(ada.subject)
    with pytest.raises(WrongKey, match="destroyed"):
        open_export(at(path), ada.subject, REQUEST, Oneself(ada.subject))
    ring.create_content_key(ada.subject, Oneself(ada.subject))
    with pytest.raises(WrongKey):
        open_export(at(path), ada.subject, REQUEST, Oneself(ada.subject))


def test_full_disk_is_reported_and_leaves_nothing(ada: Employee, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(SealedWriter, "_write_frame", full)
    with pytest.raises(OSError, match="No space left"):
        write(ada, path)
    assert list(path.parent.iterdir()) == []
