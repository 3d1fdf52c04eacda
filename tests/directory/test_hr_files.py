"""`python -m directory sync` with files as HR people send them: cut off, from a spreadsheet, with odd rows."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from directory import Directory
from directory.__main__ import main
from directory.hr_file import COLUMNS, OPTIONAL_COLUMNS
from directory.roles import ROLES
from law.regimes import REGIMES
from tests.conventions.sources import ROOT

HEADER = "email,name,sub,department,team,role,manager,regime"
ADA = "ada@t.example,Ada Lovelace,ada,D,T,employee,,gdpr"
MAX = "max@t.example,Max Keller,max,D,T,manager,,gdpr"


class HrPerson:
    """Runs the command and reads what it prints."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._file = folder / "people.csv"
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def sync(self, content: str | bytes, *options: str) -> tuple[int, str]:
        """The exit status, and everything printed."""
        self._file.write_bytes(content if isinstance(content, bytes) else content.encode())
        self._monkeypatch.setattr("sys.argv", ["directory", "sync", str(self._file), *options])
        status = main()
        printed = self._capsys.readouterr()
        return status, printed.out + printed.err


@pytest.fixture
def hr(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> HrPerson:
    return HrPerson(tmp_path, monkeypatch, capsys)


def file_of(*lines: str) -> str:
    return "\n".join([HEADER, *lines]) + "\n"


def company(people: int, sub: str = "s") -> list[str]:
    return [f"p{number}@t.example,P {number},{sub}{number},D,T,employee,,gdpr" for number in range(people)]


def here() -> dict[UUID, tuple[str, str, str, bool]]:
    with Directory.open() as directory:
        return {
            each.subject: (each.email, each.name, directory.sub_of(each.subject) or "", each.active)
            for each in directory.everyone()
        }


def named(email: str) -> str:
    with Directory.open() as directory:
        return directory.by_email(email).name


def manager_of(email: str) -> str | None:
    with Directory.open() as directory:
        manager = directory.managers()[directory.by_email(email).subject]
        return None if manager is None else directory.by_subject(manager).email


class TestTooManyChanges:
    @pytest.mark.parametrize("stay", [0, 1, 17], ids=["header only", "cut off", "just above 10 per cent"])
    def test_a_file_that_was_cut_off_changes_nothing(self, hr: HrPerson, stay: int) -> None:
        assert hr.sync(file_of(*company(20)))[0] == 0
        before = here()
        status, said = hr.sync(file_of(*company(stay)))
        assert status == 1
        assert f"Nothing was changed.\n{20 - stay} of 20 people would be marked as left" in said
        assert f"--confirm {20 - stay}" in said
        assert here() == before

    def test_a_tenth_may_leave_without_a_word(self, hr: HrPerson) -> None:
        hr.sync(file_of(*company(20)))
        assert hr.sync(file_of(*company(18))) == (0, "0 added, 0 updated, 18 unchanged, 2 marked as left\n")

    def test_exactly_the_confirmed_number_leaves(self, hr: HrPerson) -> None:
        hr.sync(file_of(*company(20)))
        before = here()
        for wrong in ("8", "10", "0"):
            status, said = hr.sync(file_of(*company(11)), "--confirm", wrong)
            assert (status, f"--confirm says {wrong}" in said, here()) == (1, True, before)
        assert hr.sync(file_of(*company(11)), "--confirm", "9")[0] == 0
        assert sum(active for *_, active in here().values()) == 11

    def test_a_wrong_number_is_refused_below_a_tenth_too(self, hr: HrPerson) -> None:
        hr.sync(file_of(*company(20)))
        before = here()
        assert hr.sync(file_of(*company(19)), "--confirm", "2")[0] == 1
        assert here() == before

    def test_people_who_left_before_do_not_count(self, hr: HrPerson) -> None:
        hr.sync(file_of(*company(100)))
        hr.sync(file_of(*company(20)), "--confirm", "80")
        status, said = hr.sync(file_of(*company(17)))
        assert status == 1
        assert "3 of 20 people" in said

    @pytest.mark.parametrize("after", [company(20, "oidc|"), company(18) + company(20, "x")[18:] + ["" for _ in "ab"]])
    def test_a_dry_run_says_all_and_changes_nothing(self, hr: HrPerson, after: list[str]) -> None:
        hr.sync(file_of(*company(20)))
        before = here()
        status, said = hr.sync(file_of(*after, ADA), "--dry-run")
        assert "Nothing was changed. With this file: " in said
        assert "1 added" in said or "21 added" in said or "3 added" in said
        assert status == int("--confirm-subs" in said)
        assert here() == before

    def test_a_dry_run_fails_where_the_run_would(self, hr: HrPerson) -> None:
        hr.sync(file_of(*company(20)))
        before = here()
        assert hr.sync(file_of(*company(10)), "--dry-run")[0] == 1
        assert hr.sync(file_of(*company(10)), "--dry-run", "--confirm", "9")[0] == 1
        assert hr.sync(file_of(*company(10)), "--dry-run", "--confirm", "10")[0] == 0
        assert here() == before

    def test_another_sub_for_many_is_refused(self, hr: HrPerson) -> None:
        hr.sync(file_of(*company(20)))
        before = here()
        status, said = hr.sync(file_of(*company(20, "oidc|")))
        assert status == 1
        assert "20 of 20 people have another sub in the file" in said
        assert "--confirm-subs 20" in said
        assert here() == before

    def test_a_sub_column_sorted_alone_is_refused(self, hr: HrPerson) -> None:
        hr.sync(file_of(*company(20)))
        before = here()
        subs = [f"s{(number + 1) % 20}" for number in range(20)]
        lines = [line.replace(f",s{number},", f",{subs[number]},") for number, line in enumerate(company(20))]
        status, said = hr.sync(file_of(*lines))
        assert (status, here()) == (1, before)
        assert "20 of 20 people have another sub in the file" in said
        assert hr.sync(file_of(*lines), "--confirm-subs", "19")[0] == 1
        assert here() == before


class TestFilesAsTheyCome:
    @pytest.mark.parametrize(
        "content",
        [
            ("\ufeff" + file_of(ADA).replace(",", ";").replace("\n", "\r\n")).encode(),
            file_of(ADA).replace(",", "\t").encode("utf-16"),
            file_of(ADA).replace(",", "\t").encode("utf-16-le"),
            file_of(ADA).replace(",", ";").encode("utf-16-be"),
            file_of(ADA).replace(",", "|").encode(),
            ("sep=;\r\n" + file_of(ADA).replace(",", ";")).encode(),
            file_of(",,,,,,,", ADA, ",,,,,,,", " , ,,,,,,").encode(),
            file_of("", ADA, "").encode(),
            file_of(ADA).replace("email,name", "E-MAIL, Name ").encode(),
            f"{HEADER.upper()}\n{ADA.replace('employee', 'Employee').replace('gdpr', 'GDPR')}".encode(),
            file_of(ADA).replace("\n", "\r").encode(),
            file_of(ADA).replace("\n", ",,,\n").encode(),
        ],
        ids=[
            "semicolons", "utf-16", "utf-16-le", "utf-16-be", "bars", "sep line", "blank rows", "empty lines", "names",
            "capitals", "old line ends", "trailing separators",
        ],
    )  # fmt: skip
    def test_spreadsheet_file_is_read_without_a_word(self, hr: HrPerson, content: bytes) -> None:
        assert hr.sync(content) == (0, "1 added, 0 updated, 0 unchanged, 0 marked as left\n")
        assert [found[:3] for found in here().values()] == [("ada@t.example", "Ada Lovelace", "ada")]

    def test_windows_letters_are_read_and_said(self, hr: HrPerson) -> None:
        content = file_of(ADA.replace("Ada Lovelace", "Zoë Müller")).encode("cp1252")
        status, said = hr.sync(content)
        assert status == 0
        assert "it was read as Windows-1252" in said
        assert named("ada@t.example") == "Zoë Müller"

    def test_another_encoding_can_be_named(self, hr: HrPerson) -> None:
        content = file_of(ADA.replace("Ada Lovelace", "Łucja Dąbrowska")).encode("cp1250")
        assert hr.sync(content, "--encoding", "cp1250") == (0, "1 added, 0 updated, 0 unchanged, 0 marked as left\n")
        assert named("ada@t.example") == "Łucja Dąbrowska"
        assert hr.sync(content, "--encoding", "klingon") == (
            1, "klingon is not an encoding that we know. Nothing changed.\n",
        )  # fmt: skip
        assert hr.sync(content, "--encoding", "utf-8")[0] == 1

    def test_columns_may_have_other_names(self, hr: HrPerson) -> None:
        content = file_of(ADA).replace("email", "Work address").replace("team", "Gruppe")
        status, said = hr.sync(content)
        assert status == 1
        assert "missing columns email, team" in said
        assert '--column email="Its name"' in said
        options = ("--column", "email=work ADDRESS", "--column", "team=Gruppe")
        assert hr.sync(content, *options) == (0, "1 added, 0 updated, 0 unchanged, 0 marked as left\n")

    @pytest.mark.parametrize(
        ("option", "words"),
        [
            ("mail=email", "A column can't be given like this: mail. Columns are email, name"),
            ("email=name", "one column stands for two"),
            ("zone=Office", "missing columns zone"),
        ],
    )
    def test_wrong_column_option_is_refused(self, hr: HrPerson, option: str, words: str) -> None:
        status, said = hr.sync(file_of(ADA), "--column", option)
        assert (status, words in said, here()) == (1, True, {})

    def test_column_given_twice_is_refused(self, hr: HrPerson) -> None:
        status, said = hr.sync(f"{HEADER},E-Mail\n{ADA},grace@t.example\n")
        assert (status, here()) == (1, {})
        assert "columns given twice: email" in said

    def test_unknown_columns_are_named(self, hr: HrPerson) -> None:
        status, said = hr.sync(f"{HEADER},floor,Phone\n{ADA},3,12\n")
        assert status == 0
        assert "not used: floor, Phone" in said

    def test_huge_file_is_refused(self, hr: HrPerson, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("directory.hr_table.LARGEST_FILE", 100)
        status, said = hr.sync(file_of(*company(10)))
        assert (status, here()) == (1, {})
        assert "can't be read: it has more than" in said


class TestOddRows:
    @pytest.mark.parametrize("invisible", ["\u200b", "\ufeff", "\u2060", "\u00ad", "\u202e", "\u200d", "\x07"])
    @pytest.mark.parametrize("where", ["ada@", ",ada,", "employee"])
    def test_invisible_characters_make_no_second_person(self, hr: HrPerson, invisible: str, where: str) -> None:
        hr.sync(file_of(ADA, MAX))
        before = here()
        status, said = hr.sync(file_of(MAX, ADA.replace(where, where[:2] + invisible + where[2:])))
        assert status == 0
        assert "line 3: invisible characters removed from" in said
        assert here() == before

    def test_joiners_that_names_need_stay(self, hr: HrPerson) -> None:
        name = "علی\u200cرضا"  # noqa: RUF001
        assert hr.sync(file_of(ADA.replace("Ada Lovelace", name))) == (
            0, "1 added, 0 updated, 0 unchanged, 0 marked as left\n",
        )  # fmt: skip
        assert named("ada@t.example") == name

    @pytest.mark.parametrize(
        ("odd", "words"),
        [
            ("a@t.example;b@t.example,A,a,D,T,employee,,gdpr", "line 4: e-mail address: there are two in one field"),
            ('"a@t.example, b@t.example",A,a,D,T,employee,,gdpr', "line 4: e-mail address: there are two in one field"),
            ("a@t.example b@t.example,A,a,D,T,employee,,gdpr", "line 4: e-mail address: there are two in one field"),
            ("A <a@t.example>,A,a,D,T,employee,,gdpr", "line 4: e-mail address missing or malformed"),
            ("ADA@t.example,A,a,D,T,employee,,gdpr", "line 4: e-mail address repeated; it is on line 2, too"),
            ("a@t.example,A,max,D,T,employee,,gdpr", "line 4: sub repeated; it is on line 3, too"),
            ("ma\u200bx@t.example,A,a,D,T,employee,,gdpr", "line 4: e-mail address repeated; it is on line 3, too"),
            ("a@t.example,A,m\u200bax,D,T,employee,,gdpr", "line 4: sub repeated; it is on line 3, too"),
            ("a@t.example,A, B,a,D,T,employee,,gdpr", "line 4: more fields than the header has"),
            ("a@t.example,A,a,D,T,boss,,gdpr", "line 4: role must be one of employee, manager, privacy_officer"),
            ("a@t.example,A,a,D,T,employee,,moon", "line 4: regime must be one of gdpr, ccpa"),
        ],
    )
    def test_row_that_leaves_open_who_it_is_changes_nothing(self, hr: HrPerson, odd: str, words: str) -> None:
        hr.sync(file_of(ADA))
        before = here()
        status, said = hr.sync(file_of(ADA, MAX, odd))
        assert (status, here()) == (1, before)
        assert words in said
        assert "line 2:" not in said
        assert "line 3:" not in said

    def test_line_numbers_count_blank_and_broken_lines(self, hr: HrPerson) -> None:
        status, said = hr.sync("sep=,\n" + file_of("", ADA.replace("Ada Lovelace", '"Ada\nLovelace"'), ",,,", "x,y"))
        assert status == 1
        assert "line 7: e-mail address missing or malformed" in said

    @pytest.mark.parametrize(
        ("given", "words", "manager"),
        [
            ("Max Keller", "line 3: the manager is given by name; only one person has it, so", "max@t.example"),
            ("MAX  keller", "line 3: the manager is given by name; only one person has it", "max@t.example"),
            ("Max K.", "line 3: manager left empty: it is a name that none of the people have", None),
            ("Jo Sand", "line 3: manager left empty: it is a name that 2 of the people have", None),
            ("max@t.example;jo@t.example", "line 3: manager left empty: it is two addresses", None),
            ("gone@t.example", "line 3: the manager's address is not in the file", None),
        ],
    )  # fmt: skip
    def test_odd_manager_costs_nobody_the_rest(self, hr: HrPerson, given: str, words: str, manager: str | None) -> None:
        two = ["jo@t.example,Jo Sand,jo,D,T,manager,,gdpr", "jo2@t.example,Jo Sand,jo2,D,T,manager,,gdpr"]
        status, said = hr.sync(file_of(MAX, ADA.replace("employee,", f"employee,{given}"), *two))
        assert status == 0
        assert words in said
        assert "4 added" in said
        assert manager_of("ada@t.example") == manager

    @pytest.mark.parametrize("named", ["77", "max@t.example"])
    def test_a_manager_is_found_by_sub(self, hr: HrPerson, named: str) -> None:
        max_with_number = MAX.replace(",max,", ",77,")
        another = "jo@t.example,Jo Sand,max@t.example,D,T,manager,,gdpr"
        status, said = hr.sync(file_of(max_with_number, ADA.replace("employee,", f"employee,{named}"), another))
        assert status == 0, said
        assert manager_of("ada@t.example") == "max@t.example"

    @pytest.mark.parametrize("oneself", ["Max Keller", "Max@t.example", "max"])
    def test_nobody_is_their_own_manager(self, hr: HrPerson, oneself: str) -> None:
        status, said = hr.sync(file_of(MAX.replace("manager,", f"manager,{oneself}")))
        assert status == 0
        assert manager_of("max@t.example") is None
        assert "line 2: manager left empty" in said

    def test_many_odd_rows_are_counted_not_all_listed(self, hr: HrPerson) -> None:
        status, said = hr.sync(file_of(*(line.replace("employee", "boss") for line in company(100))))
        assert status == 1
        assert "and 60 more" in said


def test_the_docs_name_every_column_and_code() -> None:
    page = (ROOT / "docs" / "people.md").read_text()
    columns, _, _ = page.partition("## What is refused")
    for name in (*COLUMNS, *OPTIONAL_COLUMNS, *ROLES, *REGIMES):
        assert f"`{name}`" in columns, name


@pytest.mark.parametrize("content", [f"\n\r\n{file_of(ADA)}", f"\nsep=,\n{file_of(ADA)}"])
def test_lines_above_the_header_do_no_harm(hr: HrPerson, content: str) -> None:
    assert hr.sync(content) == (0, "1 added, 0 updated, 0 unchanged, 0 marked as left\n")
