"""An HR file that has lost its lines."""

from __future__ import annotations

from tests.directory.test_hr_files import HrPerson, company, file_of, here, hr

__all__ = ["hr"]


def test_a_header_alone_changes_nothing_and_says_so_once(hr: HrPerson) -> None:
    hr.sync(file_of(*company(20)))
    before = here()
    for options in ([], ["--dry-run"]):
        status, said = hr.sync(file_of(), *options)
        assert (status, said.count("Nothing was changed"), here()) == (1, 1, before)
        assert "20 of 20 people would be marked as left" in said
