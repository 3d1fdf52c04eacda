"""`python -m lake ingest --manifest`: many people's recordings at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from lake.ingest import manifest
from lake.ingest.places import Place
from tests.lake.ingest.test_command import POLICY, LakeCommand, lake_command
from tests.lake.ingesting import stored, ui_log, ui_log_row
from tests.support.people import Company

__all__ = ["lake_command"]


@pytest.fixture
def folder(tmp_path: Path, lake_command: LakeCommand, home: Path) -> Path:
    (tmp_path / "policies.toml").write_text(POLICY)
    assert lake_command("policy", "apply", str(tmp_path / "policies.toml"))[0] == 0
    for name in ("ada", "bob"):
        ui_log(tmp_path / f"{name}.csv", [ui_log_row(number) for number in range(3)])
    (tmp_path / "broken.csv").write_text("no log\n")
    return tmp_path


def listing(folder: Path, *lines: str) -> str:
    (folder / "people.csv").write_text("\n".join(["email,source", *lines]) + "\n")
    return str(folder / "people.csv")


def test_one_bad_source_never_costs_the_rest(
    person: Company, folder: Path, lake_command: LakeCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    monkeypatch.setattr(manifest, "TOGETHER", 1)
    people = listing(
        folder,
        "ada@example.com,broken.csv",
        "ada@example.com,ada.csv",
        "eve@example.com,ada.csv",
        "one field",
        ",ada.csv",
        "bob@example.com,absent.csv",
        "bob@example.com,bob.csv",
    )
    status, out, err = lake_command("ingest", "--manifest", people, "ui-log", str(folder))
    assert (status, err) == (3, "")
    assert (len(stored(ada.subject)), len(stored(bob.subject))) == (3, 3)
    words = " ".join(out.replace("│", " ").split())
    assert "ada@example.com 1 3 3 0" in words
    assert "line 2, broken.csv" in words
    assert "line 4, ada.csv: eve@example.com is not in the directory" in words
    assert "line 5" in words
    assert "line 6" in words
    assert "line 7, absent.csv" in words


def test_a_source_stays_in_its_folder(person: Company, folder: Path, lake_command: LakeCommand) -> None:
    ada = person("ada@example.com")
    inside = folder / "recordings"
    (inside / "linked").mkdir(parents=True)
    ui_log(inside / "own.csv", [ui_log_row()])
    (inside / "link.csv").symlink_to(folder / "ada.csv")
    (inside / "linked" / "events.jsonl").symlink_to(folder / "ada.csv")
    (inside / "same.csv").symlink_to(inside / "own.csv")
    out_of_it = ["../ada.csv", str(folder / "ada.csv"), "link.csv", "x/../../ada.csv", "linked"]
    people = listing(folder, *(f"ada@example.com,{each}" for each in [*out_of_it, "own.csv", "same.csv"]))
    status, out, err = lake_command("ingest", "--manifest", people, "ui-log", str(inside))
    assert (status, err) == (3, "")
    words = " ".join(out.split())
    assert [f"line {number}, " in words for number in range(2, 9)] == [True] * len(out_of_it) + [False] * 2
    assert words.count("the folder given. Nothing was changed.") == len(out_of_it)
    assert len(stored(ada.subject)) == 1


def test_again_adds_nothing(person: Company, folder: Path, lake_command: LakeCommand) -> None:
    ada = person("ada@example.com")
    people = listing(folder, "ada@example.com,ada.csv")
    assert lake_command("ingest", "--manifest", people, "ui-log", str(folder))[0] == 0
    assert lake_command("ingest", "--manifest", people, "ui-log", str(folder))[0] == 0
    assert len(stored(ada.subject)) == 3


def test_what_is_no_manifest_is_refused(person: Company, folder: Path, lake_command: LakeCommand) -> None:
    (folder / "people.csv").write_text("file,person\nada.csv,ada@example.com\n")
    status, _, err = lake_command("ingest", "--manifest", str(folder / "people.csv"), "ui-log", str(folder))
    assert (status, "source and email" in err) == (1, True)


def test_what_is_new_is_added_until_it_is_stopped(
    person: Company, folder: Path, lake_command: LakeCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    people = listing(folder, "ada@example.com,ada.csv")
    rounds = iter(range(4))
    read: list[int] = []
    ingest_all = manifest.ingest_all

    def counted(name: str, where: Place, entries: list[manifest.Entry], progress: object) -> object:
        read.append(len(entries))
        return ingest_all(name, where, entries)

    def meanwhile(_seconds: float) -> None:
        match next(rounds):
            case 0:
                pass  # nothing has changed
            case 1:
                ui_log(folder / "ada.csv", [ui_log_row(number) for number in range(5)])
                listing(folder, "ada@example.com,ada.csv", "bob@example.com,bob.csv")
            case 2:
                (folder / "people.csv").unlink()
            case _:
                raise KeyboardInterrupt

    monkeypatch.setattr(manifest, "ingest_all", counted)
    monkeypatch.setattr("time.sleep", meanwhile)
    status, _, err = lake_command("ingest", "--manifest", people, "ui-log", str(folder), "--every", "5")
    assert (status, "Retrying" in err) == (130, True)
    assert read == [1, 2]
    assert (len(stored(ada.subject)), len(stored(bob.subject))) == (5, 3)
