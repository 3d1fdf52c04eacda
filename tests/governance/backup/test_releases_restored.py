"""A restore forgets no release: what was published was seen, so it stays paid for and is not published again."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import clock
from governance.backup import checks, making, restoring
from governance.backup.places.folder import Folder
from governance.backup.places.place import BackupError
from governance.db import database
from governance.db.database import writing
from governance.requests.work_tables import SweepRow
from governance.rounds import releases
from lake.releases import accounting, publishing
from lake.rules.policies import apply_policies
from lake.storage.connection import writer
from queries import area
from tests.governance.backup.conftest import maintain
from tests.governance.conftest import POLICY
from tests.support.company import employ

JULY, JANUARY, JULY_AFTER = (
    datetime(2026, 7, 1, 3, tzinfo=UTC), datetime(2027, 1, 1, 4, tzinfo=UTC), datetime(2027, 7, 1, 4, tzinfo=UTC),
)  # fmt: skip


@pytest.fixture(autouse=True)
def company(home: Path, backups: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty people, a policy, the first of July."""
    it_is(JULY, monkeypatch)
    employ(tmp_path / "people.csv", 60)
    with writer() as connection:
        apply_policies(connection, [POLICY])


def it_is(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


def released_by_a_worker() -> bool:
    """What a worker does after the day's sweep; the attacks are tested elsewhere."""
    with writing() as session:
        if session.get(SweepRow, clock.today()) is None:
            session.add(SweepRow(day=clock.today(), counted_until=clock.now_utc()))
    done = releases.release_if_due()
    releases.record_in_ledger()
    return done


@pytest.fixture(autouse=True)
def no_attacks(monkeypatch: pytest.MonkeyPatch) -> None:
    from lake.attacks import running

    monkeypatch.setattr(running, "run", lambda *_: [])


def shares() -> list[Any]:
    return [share for table in area.of_company().tables for share in table.shares]


def lose(home: Path) -> None:
    database.close()
    shutil.rmtree(home)


def test_release_from_the_backup_is_restored(backups: Folder, home: Path) -> None:
    assert released_by_a_worker()
    before = shares()
    making.make(backups)
    lose(home)
    assert restoring.restore(backups).warnings == []
    assert shares() == before != []
    assert not released_by_a_worker()


def test_lost_release_stays_paid_and_is_not_repeated(
    backups: Folder, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    making.make(backups)
    assert released_by_a_worker()
    maintain()
    [told] = publishing.releases()
    lose(home)
    [warning] = restoring.restore(backups).warnings
    assert "in no backup: 1." in warning
    assert publishing.releases() == [told]
    assert shares() == []
    assert not released_by_a_worker()
    with pytest.raises(publishing.NotDue, match="made only once"):
        publishing.release()
    it_is(JANUARY, monkeypatch)
    assert not released_by_a_worker()
    with pytest.raises(accounting.BudgetExceeded):
        publishing.release()
    it_is(JULY_AFTER, monkeypatch)
    assert released_by_a_worker()
    newest = publishing.releases()[-1]
    assert newest.year_epsilon == pytest.approx(accounting.epsilon(newest.rho))


def test_lost_release_of_a_half_year_has_the_safe_bound(
    backups: Folder, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its noise is not known any more, so the exact accounting doesn't apply to its year."""
    monkeypatch.setenv("OPENBOOK_RELEASE_MONTHS", "6")
    making.make(backups)
    assert released_by_a_worker()
    maintain()
    [told] = publishing.releases()
    lose(home)
    restoring.restore(backups)
    it_is(JANUARY, monkeypatch)
    assert not released_by_a_worker()
    monkeypatch.setenv("OPENBOOK_RELEASE_MONTHS", "3")
    assert released_by_a_worker()
    newest = publishing.releases()[-1]
    assert newest.year_epsilon == pytest.approx(accounting.concentrated_epsilon(told.rho + newest.rho))
    assert newest.year_epsilon <= 3


def test_releases_of_the_replaced_home_are_kept(backups: Folder, home: Path) -> None:
    old = making.make(backups)
    assert released_by_a_worker()
    before = shares()
    database.close()
    assert restoring.restore(backups, old.name, replace=True).warnings == []
    assert shares() == before != []
    assert not released_by_a_worker()


def test_unreadable_releases_are_known_from_the_ledger(backups: Folder, home: Path) -> None:
    old = making.make(backups)
    assert released_by_a_worker()
    [told] = publishing.releases()
    (home / "releases" / "releases.duckdb").write_bytes(b"damaged")
    database.close()
    damaged, lost = restoring.restore(backups, old.name, replace=True).warnings
    assert "can't be read" in damaged
    assert "not published again" in lost
    assert publishing.releases() == [told]


def test_a_backup_does_not_pass_over_damaged_releases(backups: Folder, home: Path) -> None:
    assert released_by_a_worker()
    maintain()
    [told] = publishing.releases()
    (home / "releases" / "releases.duckdb").write_bytes(b"damaged " * 4000)
    with pytest.raises(BackupError, match="What was published for managers is damaged"):
        making.make(backups)
    assert (backups.names(), list(backups.drafts())) == ([], [])
    [words] = making.make(backups, damaged=True).damaged
    assert "What was published for managers is damaged" in words
    lose(home)
    [lost] = restoring.restore(backups).warnings
    assert "in no backup: 1." in lost
    assert publishing.releases() == [told]
    (home / "releases" / "releases.duckdb").unlink()
    with pytest.raises(BackupError, match="the release database"):
        making.make(backups)


def test_a_backup_with_damaged_releases_can_be_restored(
    backups: Folder, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Earlier versions made such backups."""
    assert released_by_a_worker()
    maintain()
    [told] = publishing.releases()
    (home / "releases" / "releases.duckdb").write_bytes(b"damaged " * 4000)
    with monkeypatch.context() as earlier_version:
        earlier_version.setattr(making, "damage_of_releases", lambda: None)
        earlier_version.setattr(checks, "damage_of_releases", lambda: None)
        making.make(backups)
    lose(home)
    damaged, lost = restoring.restore(backups).warnings
    assert "The releases of the backup can't be read" in damaged
    assert "not published again" in lost
    assert publishing.releases() == [told]


def test_older_release_database_does_not_publish_again(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert released_by_a_worker()
    shutil.copytree(home / "releases", tmp_path / "older")
    it_is(JULY_AFTER, monkeypatch)
    assert released_by_a_worker()
    both = publishing.releases()
    shutil.rmtree(home / "releases")
    shutil.copytree(tmp_path / "older", home / "releases")
    assert not released_by_a_worker()
    assert [one.release for one in publishing.releases()] == [one.release for one in both]
