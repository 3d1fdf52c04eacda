"""A recording with screenshots: stored sealed, shown to its person, exported, and erased bytewise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lake.ingest.ingesting import Summary, ingest
from lake.rules import erasure
from lake.rules.scope import Scope
from lake.storage import maintenance, verifying
from lake.storage.connection import writer
from lake.storage.objects import Area, pictures, store
from tests.lake.ingesting import allow, stored
from tests.support.object_storage import BOTH
from tests.support.people import Company
from tests.support.screens import encoded, screen

pytestmark = [BOTH, pytest.mark.usefixtures("objects_in")]


def recording(folder: Path, events: list[dict[str, object]]) -> Path:
    folder.mkdir()
    (folder / "metadata.json").write_text('{"start_time": "2024-11-05T18:56:00", "video_start_timestamp": 0}')
    (folder / "top_window.jsonl").write_text('{"time_stamp": 0, "top_window_name": "Excel"}\n')
    (folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    return folder


def shot(number: int, **more: object) -> dict[str, object]:
    return {"action": "screenshot", "time_stamp": number, "file": f"{number}.png", **more}


@pytest.fixture
def made(tmp_path: Path) -> Path:
    folder = recording(tmp_path / "session", [shot(1), shot(2), shot(3), shot(4), shot(5, file="../elsewhere.png")])
    (folder / "1.png").write_bytes(encoded(screen(["A quiet report", "card 4111 1111 1111 1111"])))
    (folder / "2.png").write_bytes(encoded(screen(["Another page of it"])))
    (folder / "3.png").write_bytes(b"no picture")
    (tmp_path / "elsewhere.png").write_bytes(encoded(screen(["not of this recording"])))
    return folder


def read_in(folder: Path, email: str) -> Summary:
    return ingest("opencua", str(folder), email)


def test_pictures_are_sealed_beside_their_rows(person: Company, made: Path) -> None:
    ada = person()
    allow()
    summary = read_in(made, ada.email)
    assert (summary.batch.read, summary.batch.stored, summary.batch.quarantined) == (5, 2, 3)
    assert summary.redactions["card_number"] == 1
    rows = stored(ada.subject)
    assert [row.signal for row in rows] == ["screenshot"] * 2
    names = [each.name for each in store(Area.PICTURES).all()]
    assert len(names) == 2
    assert not [name for name in names if b"WEBP" in store(Area.PICTURES).read(name)]
    assert {name.rpartition(".")[2] for name in names} == {"picture"}
    again = read_in(made, ada.email)
    assert (again.batch.stored, again.batch.already_known) == (0, 2)
    assert [each.name for each in store(Area.PICTURES).all()] == names


def test_an_erasure_deletes_the_bytes_of_its_pictures_only(person: Company, made: Path) -> None:
    ada = person()
    allow()
    read_in(made, ada.email)
    before = pictures.ids()
    rows = sorted(stored(ada.subject), key=lambda row: row.captured_at)
    scope = Scope(until_at=rows[1].captured_at)
    with writer() as connection:
        erasure.write_tombstone(connection, ada.subject, scope, ada.subject, rows[1].captured_at)
        erasure.remove(connection, ada.subject, scope, ada.subject, rows[1].captured_at)
        maintenance.purge(connection)
    assert (len(before), len(pictures.ids())) == (2, 1)
    assert pictures.ids() < before
    again = read_in(made, ada.email)
    assert again.batch.erased_before == 1
    assert len(pictures.ids()) == 1


def test_a_missing_picture_is_noticed(person: Company, made: Path) -> None:
    ada = person()
    allow()
    read_in(made, ada.email)
    assert verifying.verify().damaged == ()
    store(Area.PICTURES).delete([store(Area.PICTURES).all()[0].name])
    [damage] = verifying.verify().damaged
    assert (damage.table, damage.what, damage.people) == ("pictures", "it is missing", 1)


def test_orphans_go_with_the_next_purge(person: Company, made: Path) -> None:
    ada = person()
    allow()
    read_in(made, ada.email)
    orphan = pictures.place(ada.subject)
    store(Area.PICTURES).write(orphan, b"left by a crash")
    with writer() as connection:
        maintenance.purge(connection)
    assert not store(Area.PICTURES).exists(orphan)
    assert len(pictures.ids()) == 2


@pytest.mark.parametrize(("safeguards", "found"), [(["mask"], {}), (["mask", "mask_people"], {"person": 1})])
def test_names_of_people_are_painted_over_if_the_policy_says_so(
    person: Company, tmp_path: Path, safeguards: list[str], found: dict[str, int]
) -> None:
    ada = person("ada@example.com", name="Ada Lovelace")
    allow(safeguards=safeguards)
    folder = recording(tmp_path / "session", [shot(1)])
    (folder / "1.png").write_bytes(encoded(screen(["A quiet report", "by Ada Lovelace"])))
    assert read_in(folder, ada.email).redactions == found
