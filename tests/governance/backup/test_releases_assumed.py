"""No second release of a period after a restore: each is in the journal before it is visible, and a copy that may be
older counts the period as spent."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import clock
from governance.__main__ import main
from governance.backup import journal, making, restoring, state
from governance.backup.places.folder import Folder
from governance.backup.places.place import OutOfReach
from governance.db import database
from governance.db.database import reading, writing
from governance.ledger import log
from governance.requests.work_tables import SweepRow
from governance.rounds import releases
from lake.attacks import running
from lake.releases import publishing
from lake.releases.database import NAME, releases_folder
from lake.rules.policies import apply_policies
from lake.storage.connection import writer
from queries import area
from tests.governance.conftest import POLICY
from tests.support.company import employ

JULY = datetime(2026, 7, 1, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def company(home: Path, backups: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty people, a policy, the first of July."""
    it_is(JULY, monkeypatch)
    employ(tmp_path / "people.csv", 60)
    with writer() as connection:
        apply_policies(connection, [POLICY])
    monkeypatch.setattr(running, "run", lambda *_: [])


def it_is(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


def swept() -> None:
    with writing() as session:
        if session.get(SweepRow, clock.today()) is None:
            session.add(SweepRow(day=clock.today(), counted_until=clock.now_utc()))


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    swept()
    monkeypatch.setattr(sys, "argv", ["governance", *arguments])
    return main()


def lose(home: Path) -> None:
    database.close()
    shutil.rmtree(home)


def test_the_command_puts_it_in_the_journal(backups: Folder, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker runs, and the home is lost at once."""
    making.make(backups)
    assert command(monkeypatch, "release") == 0
    [told] = publishing.releases()
    for _ in range(2):
        lose(home)
        done = restoring.restore(backups)
        assert done.assumed is None
        assert publishing.releases() == [told]
        assert command(monkeypatch, "release") == 1


def test_it_is_invisible_until_the_journal_has_it(backups: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    making.make(backups)
    swept()
    mirror, seen = journal.mirror, []

    def away(folder: Folder) -> None:
        seen.append(publishing.releases())
        raise OutOfReach("The backup folder is away.")

    monkeypatch.setattr(journal, "mirror", away)
    with pytest.raises(releases.Waits, match=r"nobody can see it yet.*The backup folder is away\."):
        releases.release_now(state.keep_state)
    assert releases.release_if_due(state.keep_state) is False
    assert not (releases_folder() / NAME).exists()
    with pytest.raises(releases.Waits):
        publishing.publish_state(releases.announcing(state.keep_state))
    assert seen == [[]] * len(seen)
    with reading() as session:
        [entry] = log.statements_of_kind(session, "release")
    monkeypatch.setattr(journal, "mirror", mirror)
    assert releases.release_if_due(state.keep_state) is False
    [told] = publishing.releases()
    assert (str(told.release), told.noises is not None) == (entry["release"], True)
    assert area.of_company().tables


@pytest.fixture(params=["lost", "without_state"])
def restored_older(
    request: pytest.FixtureRequest, backups: Folder, home: Path, monkeypatch: pytest.MonkeyPatch
) -> restoring.Restore:
    """A release that no journal has, and then its state and database are gone."""
    making.make(backups)
    with monkeypatch.context() as without_folder:
        without_folder.delenv("OPENBOOK_BACKUP_FOLDER")
        assert command(without_folder, "release") == 0
    database.close()
    if request.param == "lost":
        shutil.rmtree(home)
    else:
        shutil.rmtree(home / "releases")
        for file in (home / "governance").glob("governance.sqlite*"):
            file.unlink()
    return restoring.restore(backups, replace=True)


def test_what_may_be_older_counts_the_period_as_spent(
    restored_older: restoring.Restore, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert restored_older.assumed is not None
    assert command(monkeypatch, "release") == 1
    said = capsys.readouterr().err
    assert "restored on 1 July 2026" in said
    assert "the year's budget as spent" in said
    assert "possible from 2 July 2027" in said
    it_is(datetime(2027, 7, 1, 1, tzinfo=UTC), monkeypatch)
    assert command(monkeypatch, "release") == 1
    it_is(datetime(2027, 7, 2, 4, tzinfo=UTC), monkeypatch)
    assert command(monkeypatch, "release") == 0
    assert publishing.releases()[-1].period == "2027-01"


def test_the_assumption_survives_its_database(
    restored_older: restoring.Restore, backups: Folder, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    it_is(datetime(2026, 7, 1, 6, tzinfo=UTC), monkeypatch)
    making.make(backups)
    assumed = publishing.releases()
    lose(home)
    assert restoring.restore(backups).assumed is None
    assert publishing.releases() == assumed
    assert command(monkeypatch, "release") == 1


def test_an_operator_states_that_nothing_was_published(
    backups: Folder, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    making.make(backups)
    lose(home)
    it_is(datetime(2026, 7, 1, 4, tzinfo=UTC), monkeypatch)
    assert command_restore(monkeypatch, backups) == 0
    assert "possible from 2 July 2027" in capsys.readouterr().out.replace("\n", " ")
    it_is(datetime(2026, 7, 1, 5, tzinfo=UTC), monkeypatch)
    database.close()
    assert command_restore(monkeypatch, backups, "--replace", "--nothing-published-since") == 0
    with reading() as session:
        [_, entry] = log.statements_of_kind(session, "restore")
    assert entry["operator_states"] == "No release for managers was published since this backup."
    assert command(monkeypatch, "release") == 0
    assert sorted(one.period for one in publishing.releases()) == ["", "2026-01"]
    assert command(monkeypatch, "release", "--list") == 0
    said = capsys.readouterr().out
    assert "operator's" in said
    assert "statement" in said
    assert command(monkeypatch, "release") == 1


def command_restore(monkeypatch: pytest.MonkeyPatch, backups: Folder, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["governance", "restore", str(backups.path), *arguments])
    return main()
