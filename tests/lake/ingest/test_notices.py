"""Nothing is stored from before the people concerned were told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from directory import Employee
from lake.ingest.ingesting import ingest
from lake.rules.notices import Notice, read_notices
from lake.rules.policies import InvalidPolicyFile, Policy, apply_policies, read_policy_file
from lake.rules.scope import SIGNALS
from lake.storage.connection import reader, writer
from lake.storage.store import Batch
from tests.lake.ingesting import START, stored, ui_log, ui_log_row
from tests.lake.times import Clock, at
from tests.support.people import Company

POLICY = Policy(
    "desktop", "Desktop", "training", "GDPR 6(1)(f)", list(SIGNALS), ["Excel"], ["mask"], 3650, date(2020, 1, 1)
)
DAY = timedelta(days=1)
__all__ = ["at"]


@pytest.fixture
def ada(home: Path, person: Company, at: Clock) -> Employee:
    return person("ada@example.com")


def apply(policy: Policy = POLICY) -> None:
    with writer() as connection:
        apply_policies(connection, [policy])


def notices() -> list[Notice]:
    connection = reader()
    try:
        return read_notices(connection)
    finally:
        connection.close()


def take(folder: Path, ada: Employee, *seconds: int, application: str = "Excel") -> Batch:
    """Ingest records so many seconds after `START`."""
    rows = [ui_log_row(each, targetApp=application, target_value=f"untold {each}") for each in seconds]
    return ingest("ui-log", str(ui_log(folder / "log.csv", rows)), ada.email).batch


def test_records_from_before_their_notice_are_refused(ada: Employee, tmp_path: Path, at: Clock) -> None:
    apply()
    at(START + DAY)
    batch = take(tmp_path, ada, -3600, -1, 0)
    assert (batch.read, batch.stored, batch.kept_out) == (3, 1, 2)
    assert len(stored(ada.subject)) == 1


def test_the_days_of_the_setting_count_from_the_notice(
    ada: Employee, tmp_path: Path, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_NOTICE_DAYS", "2")
    apply()
    at(START + 3 * DAY)
    assert take(tmp_path, ada, 0, 2 * 86_400 - 1).stored == 0
    assert take(tmp_path, ada, 2 * 86_400).stored == 1
    assert "7 January 2026, 09:00 UTC" in notices()[0].text


def test_a_notice_given_elsewhere_counts_from_the_next_day(ada: Employee, tmp_path: Path) -> None:
    apply(replace(POLICY, announced_on=(START - DAY).date(), announced_by="letter"))
    assert take(tmp_path, ada, -86_400).stored == 0
    assert take(tmp_path, ada, -8 * 3600).stored == 1
    assert notices()[0].announced_by == "letter"


def test_wider_terms_wait_and_narrower_ones_do_not(
    ada: Employee, tmp_path: Path, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply()
    monkeypatch.setenv("OPENBOOK_NOTICE_DAYS", "2")
    at(START + DAY)
    apply(replace(POLICY, applications=["Excel", "Chrome"], retention_days=4000))
    at(START + 5 * DAY)
    assert take(tmp_path, ada, 86_400 + 1, application="Chrome").kept_out == 1
    assert take(tmp_path, ada, 86_400 + 1).stored == 1
    assert [row.retained_until for row in rows()] == [(START + DAY).date() + timedelta(days=3650)]
    assert take(tmp_path, ada, 3 * 86_400, application="Chrome").stored == 1
    apply(replace(POLICY, applications=["Chrome"], retention_days=10))
    assert take(tmp_path, ada, 4 * 86_400).outside_policy == 1
    assert take(tmp_path, ada, 4 * 86_400, application="Chrome").stored == 1
    assert rows()[-1].retained_until == (START + 14 * DAY).date()
    assert [one.version for one in notices()] == [1, 2, 3]


class Row(tuple[datetime, date]):
    @property
    def retained_until(self) -> date:
        return self[1]


def rows() -> list[Row]:
    connection = reader()
    try:
        found = connection.execute("select captured_at, retained_until from captures order by captured_at").fetchall()
    finally:
        connection.close()
    return [Row(row) for row in found]


def test_another_legal_basis_needs_another_notice(ada: Employee, tmp_path: Path, at: Clock) -> None:
    apply()
    at(START + DAY)
    apply(replace(POLICY, legal_basis="GDPR 6(1)(b)"))
    assert take(tmp_path, ada, 60).kept_out == 1
    assert take(tmp_path, ada, 86_400).stored == 1


def test_the_same_terms_are_announced_once(ada: Employee, at: Clock) -> None:
    apply()
    at(START + DAY)
    apply(replace(POLICY, valid_to=date(2027, 1, 1)))
    [notice] = notices()
    assert notice.announced_at == START


@pytest.mark.parametrize(
    "line", ["announced_on = 2026-01-01", 'announced_by = "letter"', 'announced_on = 2126-01-01\nannounced_by = "x"']
)
def test_half_a_notice_and_one_to_come_are_not_accepted(tmp_path: Path, line: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(
        '[[policy]]\npolicy = "a"\nname = "a"\npurpose = "a"\nlegal_basis = "a"\nsignals = ["keystroke"]\n'
        f'applications = ["Excel"]\nsafeguards = []\nretention_days = 1\nvalid_from = 2026-01-01\n{line}\n'
    )
    with pytest.raises(InvalidPolicyFile, match="announced"):
        read_policy_file(file)
