"""Archives that are broken, or made to do harm: refused as a whole, or only the broken entry is lost."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lake.archives import zips
from lake.connectors import InvalidSource
from lake.ingest.archiving import Archived, ingest_archive
from tests.lake.ingesting import allow, stored
from tests.support.people import Company
from tests.support.slack import Workspace

USERS = json.dumps([{"id": "U1", "profile": {"email": "ada@example.com"}}])
DAY = "general/2026-01-05.json"


def message(number: int = 0, **fields: object) -> dict[str, object]:
    return {"type": "message", "user": "U1", "text": f"word {number}", "ts": f"{1767600000 + number}.000100", **fields}


def archive(file: Path, day: bytes | str, name: str = DAY) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as export:
        export.writestr("users.json", USERS)
        export.writestr("channels.json", '[{"id": "C1", "name": "general"}]')
        export.writestr(name, day)
    return file


@pytest.fixture
def ingested(person: Company, tmp_path: Path) -> Callable[[bytes | str], tuple[Archived, list[str]]]:
    """The outcome of a workspace with these bytes as its only day, and what Ada then has."""
    ada = person("ada@example.com")
    allow(["Slack"])

    def ingested(day: bytes | str) -> tuple[Archived, list[str]]:
        done = ingest_archive("slack", str(archive(tmp_path / "export.zip", day)))
        return done, [each.content["message"] for each in stored(ada.subject) if each.content]

    return ingested


@pytest.mark.parametrize("name", ["../general/2026-01-05.json", "/etc/2026-01-05.json", "a\\..\\2026-01-05.json"])
def test_paths_that_leave_the_archive(person: Company, tmp_path: Path, name: str) -> None:
    person("ada@example.com")
    allow(["Slack"])
    with pytest.raises(InvalidSource, match="leave its folder"):
        ingest_archive("slack", str(archive(tmp_path / "export.zip", json.dumps([message()]), name)))


def test_a_bomb_is_refused_before_it_is_unpacked(person: Company, tmp_path: Path) -> None:
    person("ada@example.com")
    allow(["Slack"])
    bomb = archive(tmp_path / "bomb.zip", b"[" + b" " * (64 << 20) + b"]")
    tracemalloc.start()
    try:
        with pytest.raises(InvalidSource, match="compressed too well"):
            ingest_archive("slack", str(bomb))
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_bomb_that_lies_about_its_size(person: Company, tmp_path: Path) -> None:
    ada = person("ada@example.com")
    allow(["Slack"])
    file = archive(tmp_path / "export.zip", json.dumps([message(number) for number in range(1000)]))
    true = zipfile.ZipFile(file).getinfo(DAY).file_size.to_bytes(4, "little")
    file.write_bytes(file.read_bytes().replace(true, (20).to_bytes(4, "little")))
    with pytest.raises(InvalidSource, match="damaged"):
        ingest_archive("slack", str(file))
    assert stored(ada.subject) == []


@pytest.mark.parametrize("limit", ["MOST_MEMBERS", "LARGEST_MEMBER", "LARGEST_SUM"])
def test_limits(person: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    person("ada@example.com")
    allow(["Slack"])
    monkeypatch.setattr(zips, limit, 2)
    with pytest.raises(InvalidSource):
        ingest_archive("slack", str(archive(tmp_path / "export.zip", json.dumps([message()]))))


@pytest.mark.parametrize("content", [b"", b"not a ZIP file", b"PK\x05\x06" + bytes(18)])
def test_files_that_are_no_export(person: Company, tmp_path: Path, content: bytes) -> None:
    person("ada@example.com")
    allow(["Slack"])
    (tmp_path / "export.zip").write_bytes(content)
    with pytest.raises(InvalidSource, match="Nothing was changed"):
        ingest_archive("slack", str(tmp_path / "export.zip"))
    with pytest.raises(InvalidSource, match="There is no file"):
        ingest_archive("slack", str(tmp_path / "absent.zip"))


def test_a_truncated_file(person: Company, tmp_path: Path) -> None:
    person("ada@example.com")
    allow(["Slack"])
    file = archive(tmp_path / "export.zip", json.dumps([message()]))
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(InvalidSource):
        ingest_archive("slack", str(file))


ODD = [
    ["a text"],
    [[]],
    [None],
    [message(ts=None)],
    [message(ts=1e30)],
    [message(ts=-5)],
    [message(ts=True)],
    [message(ts="99999999999.1")],
    [message(ts="1767600000.1e5")],
    [{**message(), "subtype": "message_changed", "message": "no object"}],
    [message(text="x" * (1 << 20))],
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_an_odd_entry_costs_nothing_else(
    ingested: Callable[[str], tuple[Archived, list[str]]], odd: list[object]
) -> None:
    done, words = ingested(json.dumps([message(1), *odd, message(2)]))
    assert words == ["word 1", "word 2"]
    assert done.quarantined == 1


def test_deep_nesting(ingested: Callable[[str], tuple[Archived, list[str]]]) -> None:
    deep = "[" * 400 + "]" * 400
    day = f'[{json.dumps(message(1))}, {{"blocks": {deep}, "ts": "1767600009.000001"}}, {json.dumps(message(2))}]'
    done, words = ingested(day)
    assert words == ["word 1", "word 2"]
    assert done.quarantined == 1


def test_broken_json_costs_the_rest_of_its_file(ingested: Callable[[str], tuple[Archived, list[str]]]) -> None:
    done, words = ingested(json.dumps([message(1), message(2), message(3)])[:-30])
    assert words == ["word 1", "word 2"]
    assert [item.place for item in done.overview.quarantined] == ["record 3 of C1/2026-01-05.json"]


def test_texts_of_other_encodings(ingested: Callable[[bytes], tuple[Archived, list[str]]]) -> None:
    day = json.dumps([message(1, text="größer")], ensure_ascii=False)
    assert ingested(day.encode("utf-16"))[1] == ["größer"]
    assert ingested(day.encode("utf-8-sig"))[0].people[0].batch.already_known == 1


def test_no_message_of_an_error_has_a_name(person: Company, tmp_path: Path, space_of_names: Workspace) -> None:
    person("ada@example.com")
    allow(["Slack"])
    space_of_names.messages["mpdm-ada--eve-1"].append("broken")
    done = ingest_archive("slack", str(space_of_names.write(tmp_path / "export.zip")))
    [broken] = done.overview.quarantined
    assert "eve" not in broken.place


@pytest.fixture
def space_of_names() -> Workspace:
    space = Workspace()
    ada = space.user(1, "ada@example.com")
    space.say("mpdm-ada--eve-1", ada, "hello")
    return space
