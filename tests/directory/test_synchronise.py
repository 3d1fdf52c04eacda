"""The HR file: nobody is ever lost, and a file that can't be used changes nothing."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from directory import Directory, UnknownEmployee
from directory.__main__ import main
from directory.people import InvalidDirectoryFile, Synchronised

HEADER = "email,name,sub,department,team,role,manager,regime\n"
ADA = "ada@example.com,Ada,ada,Finance,Accounts,employee,grace@example.com,gdpr\n"
GRACE = "grace@example.com,Grace,grace,Finance,Accounts,manager,,ccpa\n"


def synchronise(tmp_path: Path, text: str | bytes) -> Synchronised:
    file = tmp_path / "people.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with Directory.open() as directory:
        return directory.synchronise(file)


def everyone() -> list[tuple[str, bool]]:
    with Directory.open() as directory:
        return [(employee.email, employee.active) for employee in directory.everyone()]


@pytest.mark.usefixtures("home")
class TestSynchronise:
    def test_people_are_added_then_unchanged(self, tmp_path: Path) -> None:
        assert synchronise(tmp_path, HEADER + ADA + GRACE) == Synchronised(2, 0, 0, 0)
        assert synchronise(tmp_path, HEADER + ADA + GRACE) == Synchronised(0, 0, 2, 0)
        with Directory.open() as directory:
            ada = directory.by_email(" Ada@Example.com ")
            assert (ada.name, ada.role, ada.regime, ada.department, ada.active) == (
                "Ada", "employee", "gdpr", "Finance", True,
            )  # fmt: skip
            assert directory.by_subject(ada.subject) == directory.by_sub("ada") == ada

    def test_a_change_keeps_the_subject(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + ADA)
        with Directory.open() as directory:
            before = directory.by_email("ada@example.com")
        assert synchronise(tmp_path, HEADER + ADA.replace("Accounts", "Audit")) == Synchronised(0, 1, 0, 0)
        with Directory.open() as directory:
            after = directory.by_email("ada@example.com")
        assert (after.subject, after.team) == (before.subject, "Audit")

    def test_who_leaves_is_kept_and_may_come_back(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + ADA + GRACE)
        with Directory.open() as directory:
            subject = directory.by_email("ada@example.com").subject
        assert synchronise(tmp_path, HEADER + GRACE) == Synchronised(0, 0, 1, 1)
        assert everyone() == [("ada@example.com", False), ("grace@example.com", True)]
        assert synchronise(tmp_path, HEADER + GRACE) == Synchronised(0, 0, 1, 0)
        assert synchronise(tmp_path, HEADER + ADA + GRACE) == Synchronised(0, 1, 1, 0)
        with Directory.open() as directory:
            assert directory.by_email("ada@example.com").subject == subject

    def test_a_file_from_a_spreadsheet_is_read(self, tmp_path: Path) -> None:
        extra = HEADER.replace("\n", ",floor\r\n") + ADA.replace("\n", ",3\r\n").replace("Ada,", '"Ada, Countess",')
        assert synchronise(tmp_path, b"\xef\xbb\xbf" + extra.encode()).added == 1

    def test_no_sub_yet_means_no_sign_in_yet(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + ADA.replace(",ada,", ",,") + GRACE.replace(",grace,", ",,"))
        with Directory.open() as directory:
            assert directory.by_sub("") is None

    @pytest.mark.parametrize(
        ("bad", "message"),
        [
            ("email,name\nada@example.com,Ada\n", "missing columns"),
            ("", "missing columns"),
            (HEADER + ADA.replace("@", ""), "line 2: e-mail address"),
            (HEADER + GRACE + ADA + ADA.upper().replace("EMPLOYEE", "employee"), "line 4: e-mail address"),
            (HEADER + GRACE + ADA.replace(",ada,", ",grace,"), "line 3: sub repeated"),
            (HEADER + ADA.replace("employee", "boss"), "line 2: role"),
            (HEADER + ADA.replace("gdpr", "none"), "line 2: regime"),
            (HEADER + "ada@example.com,Ada\n", "line 2"),
            (HEADER.encode() + b"\xff\xfe\xfa", "can't be read"),
            (HEADER + "\x00", "line 2"),
        ],
    )
    def test_a_bad_file_changes_nothing(self, tmp_path: Path, bad: str | bytes, message: str) -> None:
        synchronise(tmp_path, HEADER + GRACE.replace("Grace", "Grace Hopper"))
        before = everyone()
        with pytest.raises(InvalidDirectoryFile, match=message):
            synchronise(tmp_path, bad)
        assert everyone() == before

    def test_every_fault_of_a_file_is_listed(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidDirectoryFile) as caught:
            synchronise(tmp_path, HEADER + ADA.replace("gdpr", "") + GRACE.replace("manager", ""))
        assert "line 2: regime" in str(caught.value)
        assert "line 3: role" in str(caught.value)
        assert "nothing changed" in str(caught.value)

    def test_two_people_may_swap_their_subs(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + ADA + GRACE)
        synchronise(tmp_path, HEADER + ADA.replace(",ada,", ",grace,") + GRACE.replace(",grace,", ",ada,"))
        with Directory.open() as directory:
            swapped = directory.by_sub("grace")
        assert swapped is not None
        assert swapped.email == "ada@example.com"

    def test_the_sub_of_one_who_left_may_pass_to_another(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + ADA)
        synchronise(tmp_path, HEADER + GRACE.replace(",grace,", ",ada,"))
        with Directory.open() as directory:
            holder = directory.by_sub("ada")
        assert holder is not None
        assert holder.email == "grace@example.com"

    def test_a_missing_file_is_told(self, tmp_path: Path) -> None:
        with Directory.open() as directory, pytest.raises(InvalidDirectoryFile, match="can't be read"):
            directory.synchronise(tmp_path / "nowhere.csv")

    def test_an_unknown_person_is_told_how_to_be_added(self) -> None:
        with Directory.open() as directory, pytest.raises(UnknownEmployee, match="python -m directory sync"):
            directory.by_email("nobody@example.com")

    def test_a_new_directory_may_be_opened_by_many_at_once(self) -> None:
        together = threading.Barrier(8)

        def look(_: int) -> list[tuple[str, bool]]:
            together.wait()
            return everyone()

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(look, range(8))) == [[]] * 8

    def test_command_line(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "people.csv").write_text(HEADER + ADA)
        monkeypatch.setattr("sys.argv", ["directory", "sync", str(tmp_path / "people.csv")])
        assert main() == 0
        assert "1 added, 0 updated, 0 unchanged, 0 marked as left" in capsys.readouterr().out
        (tmp_path / "people.csv").write_text("x")
        assert main() == 1
        assert "missing columns" in capsys.readouterr().err
