"""Workers publish what is due, with how requests were answered, and the ledger records it once."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from filelock import FileLock

import clock
from governance import ledger
from governance.__main__ import main
from governance.db.database import governance_folder, reading, writing
from governance.db.tables import EventRow, RequestRow
from governance.domain.lifecycle import State
from governance.requests.work_tables import SweepRow
from governance.rounds import releases, retention
from lake.attacks import running
from lake.releases import publishing
from lake.releases.results import AttackResult
from lake.rules.policies import apply_policies
from lake.storage.connection import writer
from queries import area
from tests.governance.conftest import POLICY, wait_until
from tests.support.company import employ

NOW = datetime(2026, 7, 1, 3)  # noqa: DTZ001


@pytest.fixture(autouse=True)
def company(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty people, a policy, the first of July, a sweep that is done."""
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(tzinfo=UTC))
    employ(tmp_path / "people.csv", 60)
    with writer() as connection:
        apply_policies(connection, [POLICY])
    with writing() as session:
        session.add(SweepRow(day=NOW.date(), counted_until=NOW))
    monkeypatch.setattr(running, "run", lambda *_: [AttackResult("bounds", "ours", 1, 0, 0, "Tried.")])


def entries() -> list[dict[str, Any]]:
    with reading() as session:
        return ledger.log.statements_of_kind(session, "release")


def test_due_release_is_published_and_recorded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "FIRST_ROUND_SECONDS", 0)
    monkeypatch.setattr(releases, "ROUND_SECONDS", 0.01)
    monkeypatch.setattr(retention, "ROUND_SECONDS", 60)
    with releases.scheduled(lambda: None):
        wait_until(entries, seconds=30)
    assert releases.release_if_due() is False
    releases.record_in_ledger()
    [told] = publishing.releases()
    [entry] = entries()
    assert {name: entry[name] for name in ("release", "period", "as_of", "digest")} == {
        "release": str(told.release), "period": "2026-01", "as_of": "2026-07-01", "digest": told.digest,
    }  # fmt: skip
    assert [attack.words for attack in area.of_company().attacks] == ["Tried."]


def test_unrecorded_release_is_recorded_later() -> None:
    publishing.release()
    assert entries() == []
    releases.record_in_ledger()
    releases.record_in_ledger()
    assert len(entries()) == 1


def test_release_waits_for_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: (NOW + timedelta(days=1)).replace(tzinfo=UTC))
    assert releases.release_if_due() is False
    assert publishing.releases() == []


def test_only_one_worker_publishes() -> None:
    with FileLock(governance_folder() / "release.lock"):
        assert releases.release_if_due() is False
    assert releases.release_if_due() is True


def asked(subject: UUID, received_at: datetime, *history: tuple[State, datetime], state: State | None = None) -> None:
    """A request with that history; a month to answer it."""
    with writing() as session:
        row = RequestRow(
            id=uuid4(), subject=subject, type="export", state=state or history[-1][0], scope={}, regime="gdpr",
            received_at=received_at, due_at=received_at + timedelta(days=30),
            first_due_at=received_at + timedelta(days=30), due_on=(received_at + timedelta(days=30)).date(),
            first_due_on=(received_at + timedelta(days=30)).date(),
        )  # fmt: skip
        row.history = [EventRow(at=at, state=to, note="") for to, at in history]
        session.add(row)


def test_slowest_answer_per_person_counts() -> None:
    quick, slow, late, overdue, open_still, withdrawn, before, ended = (uuid4() for _ in range(8))
    day = timedelta(days=1)
    asked(quick, NOW - 9 * day, (State.COMPLETED, NOW - 3 * day))
    asked(slow, NOW - 9 * day, (State.COMPLETED, NOW - 8 * day))
    asked(slow, NOW - 40 * day, (State.PARTIALLY_COMPLETED, NOW - 20 * day))
    asked(late, NOW - 50 * day, (State.DENIED, NOW - 2 * day))
    asked(overdue, NOW - 31 * day, (State.VERIFYING, NOW - 31 * day))
    asked(open_still, NOW - 5 * day, (State.RECEIVED, NOW - 5 * day))
    asked(withdrawn, NOW - 5 * day, (State.WITHDRAWN, NOW - 4 * day))
    asked(before, NOW - 200 * day, (State.COMPLETED, NOW - 199 * day))
    asked(ended, NOW - 6 * day, (State.COMPLETED, NOW - 5 * day), (State.WITHDRAWN, NOW - 1 * day))
    found = {person: how for person, how in releases.slowest_answers(NOW - 180 * day).items() if how != "none"}
    assert found == {
        quick: "within_week",
        slow: "within_deadline",
        late: "late",
        overdue: "late",
        ended: "within_week",
    }


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """`command(*arguments)`: the exit status of `python -m governance release`."""

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["governance", "release", *arguments])
        return main()

    return run


def test_the_command_publishes_and_prints_the_cost(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command() == 0
    assert "is published" in capsys.readouterr().out
    assert len(entries()) == 1
    assert command() == 1
    assert "made only once" in capsys.readouterr().err
    assert command("--list") == 0
    assert "3.00" in capsys.readouterr().out


def test_deleted_releases_are_not_published_again(
    home: Path, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command() == 0
    shutil.rmtree(home / "releases")
    assert command() == 1
    assert "lacks the release database" in capsys.readouterr().err
    assert not (home / "releases").exists()
    assert len(entries()) == 1


@pytest.mark.parametrize("seconds", ["0", "900"])
def test_an_older_copy_of_the_releases_changes_nothing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Callable[..., int], seconds: str
) -> None:
    """Also while the release waits for its batch of the ledger."""
    monkeypatch.setenv("OPENBOOK_LEDGER_BATCH_SECONDS", seconds)
    assert command() == 0
    shutil.copytree(home / "releases", tmp_path / "older")
    next_year = datetime(2027, 7, 1, 3)  # noqa: DTZ001
    monkeypatch.setattr(clock, "now", lambda: next_year.replace(tzinfo=UTC))
    with writing() as session:
        session.add(SweepRow(day=next_year.date(), counted_until=next_year))
    assert command() == 0
    shutil.rmtree(home / "releases")
    shutil.copytree(tmp_path / "older", home / "releases")
    assert command() == 1
    assert [one.period for one in publishing.releases()] == ["2026-01", "2027-01"]
    assert len(entries()) == 2


def test_the_command_waits_for_the_sweep(
    command: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(clock, "now", lambda: (NOW + timedelta(days=1)).replace(tzinfo=UTC))
    assert command() == 1
    assert "today's retention has not ended" in capsys.readouterr().err
    assert publishing.releases() == []
