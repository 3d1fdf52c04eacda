"""The HR file: no one is ever lost, and an invalid file changes nothing."""

from __future__ import annotations

import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from directory import Directory, Employee, UnknownEmployee
from directory.__main__ import main
from directory.hr_table import InvalidDirectoryFile
from directory.links import LinkDecision
from directory.people import directory_path
from directory.synchronising import Synchronised
from tests.support.people import signing_in

HEADER = "email,name,sub,department,team,role,manager,regime\n"
ADA = "ada@example.com,Ada,ada,Finance,Accounts,employee,grace@example.com,gdpr\n"
GRACE = "grace@example.com,Grace,grace,Finance,Accounts,manager,,ccpa\n"
JOHN = "j.smith@example.com,John,sub-john,Finance,Accounts,employee,,gdpr\n"
JANE = "j.smith@example.com,Jane,sub-jane,Research,Models,employee,,gdpr\n"


def synchronise(tmp_path: Path, text: str | bytes) -> Synchronised:
    file = tmp_path / "people.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with Directory.open() as directory:
        return directory.synchronise(file)


def everyone() -> list[tuple[str, bool]]:
    with Directory.open() as directory:
        return [(employee.email, employee.active) for employee in directory.everyone()]


def by_email(email: str) -> Employee:
    with Directory.open() as directory:
        return directory.by_email(email)


def decide(decision: LinkDecision) -> None:
    """A privacy officer decides about every line with another sub for a known address."""
    with Directory.open() as directory:
        for link in directory.links():
            assert directory.decide_link(link.proposal, decision)


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

    @pytest.mark.parametrize(("zone", "counted"), [("Atlantic/Azores", "Atlantic/Azores"), ("", "Asia/Tokyo")])
    def test_the_zone_of_a_workplace_is_optional(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str, counted: str
    ) -> None:
        monkeypatch.setenv("OPENBOOK_WORKPLACE_ZONE", "Asia/Tokyo")
        synchronise(tmp_path, HEADER + ADA)
        assert by_email("ada@example.com").zone == "Asia/Tokyo"
        changed = synchronise(tmp_path, f"{HEADER.strip()},zone\n{ADA.strip()},{zone}\n")
        assert changed == Synchronised(0, int(bool(zone)), int(not zone), 0)
        assert by_email("ada@example.com").zone == counted

    @pytest.mark.parametrize("zone", ["Azores", "UTC+1", "../../etc/passwd", "atlantic/azores", "CEST"])
    def test_an_unknown_zone_is_refused(self, tmp_path: Path, zone: str) -> None:
        with pytest.raises(InvalidDirectoryFile, match="line 2: zone must be an IANA time zone, such as Europe/Lisbon"):
            synchronise(tmp_path, f"{HEADER.strip()},zone\n{ADA.strip()},{zone}\n")
        assert everyone() == []

    @pytest.mark.state_in_files
    def test_a_directory_of_an_earlier_version_opens(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + ADA)
        with closing(sqlite3.connect(directory_path())) as connection:
            connection.execute("alter table employee drop column zone")
        with ThreadPoolExecutor(8) as threads:
            assert set(threads.map(lambda _: by_email("ada@example.com").zone, range(16))) == {"UTC"}
        assert synchronise(tmp_path, f"{HEADER.strip()},zone\n{ADA.strip()},Asia/Tokyo\n").updated == 1

    def test_a_change_keeps_the_subject(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + ADA)
        with Directory.open() as directory:
            before = directory.by_email("ada@example.com")
        assert synchronise(tmp_path, HEADER + ADA.replace("Accounts", "Audit")) == Synchronised(0, 1, 0, 0)
        with Directory.open() as directory:
            after = directory.by_email("ada@example.com")
        assert (after.subject, after.team) == (before.subject, "Audit")

    def test_leavers_are_kept_and_may_return(self, tmp_path: Path) -> None:
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

    def test_without_a_sub_sign_in_is_not_possible(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + ADA.replace(",ada,", ",,") + GRACE.replace(",grace,", ",,"))
        with Directory.open() as directory:
            assert directory.by_sub("") is None

    @pytest.mark.parametrize(
        ("bad", "message"),
        [
            ("email,name\nada@example.com,Ada\n", "missing columns"),
            ("", "missing columns"),
            (HEADER + ADA.replace("@", ""), "line 2: e-mail address"),
            (HEADER + ADA.replace("@", " @"), "line 2: e-mail address"),
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

    def test_a_new_hire_with_a_leavers_address_is_another_person(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + JOHN)
        john = signing_in("sub-john")
        assert synchronise(tmp_path, HEADER + JANE) == Synchronised(0, 0, 0, 0, 1)
        decide(LinkDecision.OTHER)
        jane, former = signing_in("sub-jane"), signing_in("sub-john")
        assert jane.subject != john.subject
        assert (jane.name, jane.email, jane.active) == ("Jane", "j.smith@example.com", True)
        assert (former.subject, former.name, former.active) == (john.subject, "John", False)
        assert by_email("j.smith@example.com") == jane
        assert synchronise(tmp_path, HEADER + JANE) == Synchronised(0, 0, 1, 0)

    def test_an_address_may_be_reassigned_repeatedly(self, tmp_path: Path) -> None:
        subs = ["sub-john", "sub-jane", "sub-joe", "sub-jim"]
        for sub in subs:
            synchronise(tmp_path, HEADER + JOHN.replace("sub-john", sub))
            decide(LinkDecision.OTHER)
        people = [signing_in(sub) for sub in subs]
        assert len({person.subject for person in people}) == len({person.email for person in people}) == 4
        assert [person.active for person in people] == [False, False, False, True]
        assert by_email("j.smith@example.com") == people[-1]

    def test_a_returner_keeps_their_data_despite_a_reassigned_address(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + JOHN)
        john = signing_in("sub-john").subject
        synchronise(tmp_path, HEADER + JANE)
        decide(LinkDecision.OTHER)
        back = JOHN.replace("j.smith@", "john.smith@")
        assert synchronise(tmp_path, HEADER + JANE + back) == Synchronised(0, 1, 1, 0)
        assert by_email("john.smith@example.com") == signing_in("sub-john")
        assert (signing_in("sub-john").subject, signing_in("sub-john").active) == (john, True)

    def test_a_changed_address_keeps_the_subject(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + ADA)
        before = signing_in("ada")
        married = ADA.replace("ada@", "ada.lovelace@").replace(",Ada,", ",Ada Lovelace,")
        assert synchronise(tmp_path, HEADER + married) == Synchronised(0, 1, 0, 0)
        after = signing_in("ada")
        assert (after.subject, after.email, after.name) == (before.subject, "ada.lovelace@example.com", "Ada Lovelace")
        with Directory.open() as directory, pytest.raises(UnknownEmployee):
            directory.by_email("ada@example.com")

    def test_two_people_may_swap_their_addresses(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + ADA + GRACE)
        ada, grace = signing_in("ada"), signing_in("grace")
        swapped = ADA.replace(",ada,", ",grace,") + GRACE.replace(",grace,", ",ada,")
        assert synchronise(tmp_path, HEADER + swapped) == Synchronised(0, 2, 0, 0)
        assert (signing_in("ada").subject, signing_in("ada").email) == (ada.subject, grace.email)
        assert (signing_in("grace").subject, signing_in("grace").email) == (grace.subject, ada.email)

    def test_a_colleague_may_take_over_the_address_of_one_who_left(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + ADA + GRACE)
        ada, grace = signing_in("ada"), signing_in("grace")
        assert synchronise(tmp_path, HEADER + GRACE.replace("grace@", "ada@")) == Synchronised(0, 1, 0, 1)
        assert by_email("ada@example.com").subject == grace.subject
        assert (signing_in("ada").subject, signing_in("ada").active) == (ada.subject, False)

    def test_a_new_hire_may_get_a_colleagues_former_address(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + JOHN)
        john = signing_in("sub-john").subject
        assert synchronise(tmp_path, HEADER + JANE + JOHN.replace("j.s", "john.s")) == Synchronised(1, 1, 0, 0)
        assert signing_in("sub-john").subject == john
        assert by_email("j.smith@example.com") == signing_in("sub-jane")
        assert signing_in("sub-jane").subject != john

    def test_the_first_sub_of_a_person_keeps_the_subject(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + ADA.replace(",ada,", ",,"))
        before = by_email("ada@example.com")
        assert synchronise(tmp_path, HEADER + ADA) == Synchronised(0, 1, 0, 0)
        assert signing_in("ada").subject == before.subject

    @pytest.mark.parametrize("leaver", ["sub-john", ""], ids=["who could sign in", "who never could"])
    @pytest.mark.parametrize("hire", ["sub-jane", ""], ids=["who can sign in", "who can't yet"])
    def test_a_reused_address_of_a_leaver_means_a_new_person(self, tmp_path: Path, leaver: str, hire: str) -> None:
        synchronise(tmp_path, HEADER + ADA + JOHN.replace("sub-john", leaver))
        john = by_email("j.smith@example.com").subject
        synchronise(tmp_path, HEADER + ADA)
        assert synchronise(tmp_path, HEADER + ADA + JANE.replace("sub-jane", hire)) == Synchronised(1, 0, 1, 0)
        assert by_email("j.smith@example.com").subject != john

    def test_an_empty_sub_in_the_file_keeps_the_known_one(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + ADA)
        before = signing_in("ada")
        assert synchronise(tmp_path, HEADER + ADA.replace(",ada,", ",,")) == Synchronised(0, 0, 1, 0)
        assert signing_in("ada") == before

    def test_an_address_without_sub_may_move_to_a_known_sub(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + ADA.replace(",ada,", ",,") + GRACE)
        ada, grace = by_email("ada@example.com"), signing_in("grace")
        assert synchronise(tmp_path, HEADER + GRACE.replace("grace@", "ada@")) == Synchronised(0, 1, 0, 1)
        assert by_email("ada@example.com").subject == grace.subject
        with Directory.open() as directory:
            assert not directory.by_subject(ada.subject).active

    def test_two_lines_for_one_person_are_refused_and_named(self, tmp_path: Path) -> None:
        synchronise(tmp_path, HEADER + GRACE + JOHN)
        before = everyone()
        lines = GRACE + JOHN.replace("j.smith@", "john.smith@") + JANE.replace("sub-jane", "")
        with pytest.raises(
            InvalidDirectoryFile, match=r"(?s)nothing changed.*lines 3 and 4: the same person"
        ) as caught:
            synchronise(tmp_path, HEADER + lines)
        assert "line 2" not in str(caught.value)
        assert everyone() == before

    @pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
    def test_what_is_no_regular_file_is_refused(self, tmp_path: Path, kind: str) -> None:
        place = {"pipe": tmp_path / "pipe", "folder": tmp_path, "device": Path("/dev/zero")}[kind]
        if kind == "pipe":
            os.mkfifo(place)
        with Directory.open() as directory, pytest.raises(InvalidDirectoryFile, match="no regular file"):
            directory.synchronise(place)

    def test_a_missing_file_is_reported(self, tmp_path: Path) -> None:
        with Directory.open() as directory, pytest.raises(InvalidDirectoryFile, match="can't be read"):
            directory.synchronise(tmp_path / "nowhere.csv")

    def test_an_unknown_person_error_says_how_to_add_them(self) -> None:
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
