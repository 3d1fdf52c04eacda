"""Nothing that can't be undone happens by a clock that is wrong, in either direction; all else goes on. Our clock leaps
in the middle of everything, while other machines keep the time or nobody can be asked."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

import clock
import timekeeping
from directory import Employee
from governance import ledger, receipts
from governance.__main__ import main
from governance.backup import making, restoring
from governance.backup.places import folder, place
from governance.backup.tables import BackupRow
from governance.db import database
from governance.db.database import reading, writing
from governance.db.tables import ExportRow, IdempotencyRow
from governance.fulfilment import export
from governance.ledger import trusted_time
from governance.ledger.tables import ReceiptRow
from governance.opendsr import processor_status
from governance.opendsr.tables import ProcessorNoticeRow
from governance.requests.work_tables import SweepRow
from governance.rounds import releases, retention, tidying
from lake.releases import publishing
from lake.storage.connection import writer
from tests.governance.conftest import Capture, Client
from tests.governance.working import carry_out
from tests.support.people import Company

AHEAD, BEHIND, ALONE = timedelta(days=400), timedelta(days=-2), "nobody to ask"
Leap = Callable[[timedelta], None]


@pytest.fixture
def leap(request: pytest.FixtureRequest, home: Any, monkeypatch: pytest.MonkeyPatch) -> Leap:
    """`leap(by)`: from now on our clock is wrong by that, in the middle of the life of everything; 0 sets it right."""
    real = clock.now
    away = timedelta()
    home.mkdir(exist_ok=True)
    timekeeping.require()

    def source() -> timekeeping.Reading | None:
        if getattr(request, "param", ALONE) == ALONE:
            return None
        return timekeeping.Reading(real(), "sso.example", independent=True)

    def leaps(by: timedelta) -> None:
        nonlocal away
        away = by

    monkeypatch.setattr(timekeeping, "second_source", source)
    monkeypatch.setattr(clock, "now", lambda: real() + away)
    return leaps


@pytest.fixture
def ada(person: Company) -> Employee:
    return person()


def left() -> int:
    with writer() as connection:
        [(found,)] = connection.execute("select count(*) from captures").fetchall()
    return int(found)


def told(kind: str) -> list[dict[str, Any]]:
    with reading() as session:
        found = [ledger.log.statement_of(session, index) for index in range(ledger.log.size(session))]
    return [statement for entry in found if entry and (statement := entry[2])["kind"] == kind]


@pytest.mark.parametrize("leap", [ALONE, "others keep the time"], indirect=True)
@pytest.mark.parametrize("by", [timedelta(days=4000), BEHIND])
def test_retention_waits_and_logs_once(
    leap: Leap, ada: Employee, capture: Capture, caplog: pytest.LogCaptureFixture, by: timedelta
) -> None:
    capture(ada, 12)
    assert trusted_time.allows("retention")
    leap(by)
    with caplog.at_level(logging.ERROR, "governance"):
        assert [retention.sweep_if_due(), retention.sweep_if_due()] == [False, False]
    assert (left(), told("retention")) == (12, [])
    [said] = [record.getMessage() for record in caplog.records if record.name == "governance"]
    assert said.startswith("retention waits. The clock of this machine can't be trusted.")
    assert "Set the clock right, or confirm it with" in said
    leap(timedelta())
    assert retention.sweep_if_due()
    assert left() == 12


def test_manual_sweep_and_release_are_refused(
    leap: Leap, ada: Employee, capture: Capture, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import governance.__main__ as governance
    import lake.__main__ as lake

    capture(ada, 12)
    leap(timedelta(days=4000))
    for program, command in ((lake, "sweep"), (governance, "release")):
        monkeypatch.setattr("sys.argv", ["program", command])
        assert program.main() != 0
        assert "The clock of this machine can't be trusted." in "".join(capsys.readouterr())
    assert left() == 12


@pytest.mark.parametrize("by", [AHEAD, BEHIND])
def test_erasure_hides_at_once_then_waits(
    leap: Leap, api: Client, ada: Employee, capture: Capture, by: timedelta
) -> None:
    capture(ada, 5)
    client = api(ada)
    request_id = client.post("/v1/requests", json={"type": "erasure"}).json()["id"]
    leap(by)
    with pytest.raises(Exception, match="What you asked to delete is already hidden"):
        carry_out(request_id)
    assert left() == 5
    leap(timedelta())
    client = api(ada)
    assert client.get("/v1/me/captures").json()["captures"] == []
    assert client.get(f"/v1/requests/{request_id}").json()["completed_at"] is None
    carry_out(request_id)
    assert left() == 0


@pytest.mark.parametrize("by", [AHEAD, BEHIND])
def test_clock_leap_postpones_the_receipt(
    leap: Leap, api: Client, ada: Employee, capture: Capture, by: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    from governance.fulfilment import erasure

    capture(ada, 5)
    request_id = api(ada).post("/v1/requests", json={"type": "erasure"}).json()["id"]
    real = erasure.verify_erased

    def leaps_meanwhile(ids: list[UUID]) -> None:
        real(ids)
        leap(by)

    steps = tuple(leaps_meanwhile if step is real else step for step in erasure.TOGETHER)
    with monkeypatch.context() as patch:
        patch.setattr(erasure, "TOGETHER", steps)
        with pytest.raises(Exception, match="can't be trusted just now"):
            carry_out(request_id)
    with reading() as session:
        assert session.query(ReceiptRow).count() == 0
    leap(timedelta())
    carry_out(request_id)
    request = api(ada).get(f"/v1/requests/{request_id}").json()
    assert (request["state"], request["outcome"]["erased"]) == ("completed", 5)


def test_slow_clock_does_not_backdate_requests(leap: Leap, api: Client, ada: Employee, capture: Capture) -> None:
    capture(ada, 4, start=clock.now_utc() - timedelta(hours=20))
    leap(BEHIND)
    token = api(ada)
    scope = {"signals": ["keystroke"]}
    filed = token.post("/v1/requests", json={"type": "erasure", "scope": scope}).json()
    leap(timedelta())
    assert datetime.fromisoformat(filed["received_at"]) > clock.now() - timedelta(hours=1)
    carry_out(filed["id"])
    assert left() == 0


def test_exports_and_receipts_are_not_destroyed_early(leap: Leap, api: Client, ada: Employee, capture: Capture) -> None:
    capture(ada, 5)
    request_id = api(ada).post("/v1/requests", json={"type": "export"}).json()["id"]
    carry_out(request_id)
    leap(timedelta(days=4000))
    assert (export.delete_expired(), receipts.destroy_expired()) == (0, 0)
    leap(timedelta())
    assert api(ada).get(f"/v1/requests/{request_id}/export").status_code == 200
    assert api(ada).get(f"/v1/requests/{request_id}/receipt").status_code == 200
    with writing() as session:
        session.get_one(ExportRow, UUID(request_id)).expires_at = clock.now_utc()
        session.query(ReceiptRow).one().kept_until = clock.now_utc()
    leap(BEHIND)
    assert (export.delete_expired(), receipts.destroy_expired()) == (0, 0)
    leap(timedelta())
    assert (export.delete_expired(), receipts.destroy_expired()) == (1, 1)


@pytest.mark.state_in_files
@pytest.mark.parametrize("by", [AHEAD, BEHIND])
def test_backups_are_neither_made_nor_destroyed(
    leap: Leap, ada: Employee, capture: Capture, tmp_path: Any, by: timedelta
) -> None:
    capture(ada, 5)
    (tmp_path / "backups").mkdir()
    backups = folder.Folder(tmp_path / "backups")
    made = making.make(backups)
    leap(by)
    with pytest.raises(place.BackupError, match="No backup was made; earlier backups are unchanged"):
        making.make(backups)
    assert making.destroy_old(backups) == []
    assert backups.names() == [made.name]
    with reading() as session:
        assert [row.destroyed_at for row in session.query(BackupRow)] == [None]


@pytest.mark.state_in_files
def test_restore_detects_a_moved_clock(leap: Leap, ada: Employee, capture: Capture, tmp_path: Any) -> None:
    capture(ada, 5)
    (tmp_path / "backups").mkdir()
    making.make(folder.Folder(tmp_path / "backups"))
    leap(timedelta(hours=5))  # too little for the ledger to tell: only the mark in the home that is replaced knows
    database.close()
    assert retention.WAITS in restoring.restore(folder.Folder(tmp_path / "backups"), replace=True).warnings
    assert "It was moved by 5 hours forward" in str(timekeeping.doubt())
    leap(timedelta())
    assert retention.sweep_now()
    assert (timekeeping.doubt(), left()) == (None, 5)


@pytest.mark.parametrize("by", [AHEAD, BEHIND])
def test_nothing_is_published(leap: Leap, by: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    leap(by)
    with writing() as session:
        session.add(SweepRow(day=clock.today(), counted_until=clock.now_utc()))
    monkeypatch.setattr(publishing, "is_due", lambda: True)

    def published(*_: Any, **__: Any) -> None:
        raise AssertionError("published by a wrong clock")

    monkeypatch.setattr(publishing, "release", published)
    assert releases.release_if_due() is False


@pytest.mark.parametrize("by", [AHEAD, BEHIND])
def test_wrong_clock_does_not_affect_deadlines(
    leap: Leap, api: Client, ada: Employee, person: Company, by: timedelta
) -> None:
    officer = person("olga@example.com", role="privacy_officer")
    filed = api(ada).post("/v1/requests", json={"type": "rectification", "note": "Not me."}).json()
    leap(by)
    body = {"decision": "extend", "reason": "complex"}
    answer = api(officer).post(f"/v1/requests/{filed['id']}/decision", json=body)
    assert answer.status_code == 409
    assert "can't be determined just now" in answer.json()["detail"]
    leap(timedelta())
    assert api(officer).post(f"/v1/requests/{filed['id']}/decision", json=body).status_code == 200


def test_wrong_clock_keeps_polling_processors(leap: Leap, ada: Employee, api: Client, home: Any) -> None:
    from tests.governance.opendsr.partner import list_partners
    from tests.governance.opendsr.processor import Processor

    request_id = api(ada).post("/v1/requests", json={"type": "erasure"}).json()["id"]
    training = Processor("training.example")
    notice = uuid4()
    with training.serving():
        list_partners(home / "governance", training.entry(), training=training.certificate())
        with writing() as session:
            session.add(
                ProcessorNoticeRow(
                    subject_request_id=notice,
                    request_id=UUID(request_id),
                    domain="training.example",
                    state="acknowledged",
                    changed_at=clock.now_utc(),
                    acknowledged_at=clock.now_utc(),
                    ask_at=clock.now_utc(),
                )
            )
        leap(AHEAD)
        processor_status.poll_due()
    with reading() as session:
        assert session.get_one(ProcessorNoticeRow, notice).ask_at is not None


def test_idempotency_keys_are_not_forgotten_early(leap: Leap, api: Client, ada: Employee) -> None:
    def file() -> str:
        headers = {"Idempotency-Key": "once-and-for-all"}
        return str(api(ada).post("/v1/requests", json={"type": "objection"}, headers=headers).json()["id"])

    first = file()
    leap(AHEAD)
    tidying.forget_keys()
    leap(timedelta())
    assert file() == first
    with reading() as session:
        assert session.query(IdempotencyRow).count() == 1


def test_reversible_work_continues(leap: Leap, api: Client, ada: Employee, capture: Capture) -> None:
    capture(ada, 5)
    for by in (AHEAD, BEHIND):
        leap(by)
        client = api(ada)
        assert client.get("/v1/me/captures").status_code == 200
        for kind in ("export", "objection"):
            filed = client.post("/v1/requests", json={"type": kind}).json()["id"]
            carry_out(filed)
            assert client.get(f"/v1/requests/{filed}").json()["state"] == "completed"
            if kind == "objection":
                assert client.delete(f"/v1/requests/{filed}").status_code == 200


def test_entries_from_a_fast_clock_block_nothing(leap: Leap, api: Client, ada: Employee, capture: Capture) -> None:
    capture(ada, 5)
    leap(AHEAD)
    api(ada).post("/v1/requests", json={"type": "objection"})
    leap(timedelta())
    assert retention.sweep_if_due()
    [corrected] = told("clock")
    assert corrected["by"] == "worker"
    assert retention.sweep_if_due() is False
    assert len(told("clock")) == 1


def test_an_operator_confirms_the_clock(
    leap: Leap, ada: Employee, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def governance(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["governance", *arguments])
        return main(), "".join(capsys.readouterr())

    assert governance("clock")[0] == 0
    leap(timedelta(days=90))
    status, said = governance("clock")
    assert (status, "The clock of this machine can't be trusted." in said) == (1, True)
    assert governance("clock", "confirm")[0] == 0
    assert governance("clock")[0] == 0
    assert retention.sweep_if_due()
    assert [entry["by"] for entry in told("clock")] == ["operator"]


def test_home_stopped_for_months_starts(ada: Employee, api: Client, home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    api(ada).post("/v1/requests", json={"type": "objection"})
    assert retention.sweep_if_due()
    later = clock.now() + timedelta(days=90)
    known = timekeeping.read_mark()
    assert known is not None
    mark = asdict(known) | {"boot": "an earlier start of the machine"}
    timekeeping.mark_path().write_text(json.dumps(mark))
    monkeypatch.setattr(clock, "now", lambda: later)
    monkeypatch.setattr(timekeeping, "second_source", lambda: None)
    assert retention.sweep_if_due() is False
    monkeypatch.setattr(timekeeping, "second_source", lambda: timekeeping.Reading(later, "sso.example", True))
    assert retention.sweep_if_due()
