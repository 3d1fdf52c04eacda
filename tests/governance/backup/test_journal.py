"""An erasure counts as done only when it is recorded outside the machine; it says what backups can still bring back."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from duckdb import DuckDBPyConnection

from governance.backup import journal, making, state
from governance.backup.places.folder import Folder
from governance.backup.places.place import BackupError, Place
from governance.fulfilment.erasure import EACH, TOGETHER
from governance.requests import filing
from governance.requests.progress import attempt, attempt_each, begin
from governance.schemas import NewRequest
from lake.rules import rules
from lake.rules.erasure import NO_END
from tests.governance.backup.conftest import BOTH, Erase, Recorded, maintain, work_on
from tests.support.lake import hold
from tests.support.words import mentions

EVERYTHING = NewRequest.model_validate({"type": "erasure"})


def entries(place: Place) -> list[str]:
    return [content.decode() for content in place.read_all([f"journal/{name}" for name in place.entries()])]


@BOTH
def test_tombstone_is_journalled_before_erasure_completes(backups: Place, company: Recorded, erase: Erase) -> None:
    request = erase(company.ada)
    assert request.state == "completed"
    assert journal.read(backups).has_burial(request.id)
    said = "".join(entries(backups))
    assert not mentions(said, "Ada")
    for word in ("ada@example.com", "typed this"):
        assert word not in said


def waiting_erasure(company: Recorded) -> UUID:
    """An erasure of everything of Ada, done but for the journal, which can't be reached."""
    request_id = filing.file(company.ada, EVERYTHING, None).request.id
    begin(request_id)
    reason = work_on(request_id)
    assert reason is not None
    assert "can't be recorded for the backups" in reason
    assert filing.one_of(company.ada.subject, request_id).completed_at is None
    return request_id


def require_end(request_id: UUID, company: Recorded, place: Place) -> None:
    """It ends, now that the journal can be reached again."""
    assert attempt_each(EACH, request_id) is None
    assert filing.one_of(company.ada.subject, request_id).state == "completed"
    assert journal.read(place).has_burial(request_id)


def test_erasure_waits_for_an_unreachable_folder(backups: Folder, company: Recorded, tmp_path: Path) -> None:
    journal.keep(backups)
    backups.path.rename(tmp_path / "detached")
    request_id = waiting_erasure(company)
    assert company.captures(company.ada) == []
    (tmp_path / "detached").rename(backups.path)
    require_end(request_id, company, backups)


@BOTH
def test_journal_grows_only_by_new_rules(backups: Place, company: Recorded, erase: Erase) -> None:
    key = hold(company.ada, ["Chrome"])
    maintain()
    maintain()
    assert len(entries(backups)) == 1
    erase(company.bob)
    journal.keep(backups)
    _, buried, closed = (json.loads(entry)["rules"] for entry in entries(backups))
    assert list(buried) == list(closed) == ["tombstones"]
    # An erasure of everything has no end in time until its receipt is there, and it is in the journal before that;
    # the end follows, so that a restore doesn't refuse what was captured after it.
    ([before], [after]) = buried["tombstones"], closed["tombstones"]
    assert before["until_at"] == NO_END.isoformat()
    assert after["until_at"] < before["until_at"]
    assert {**before, "until_at": after["until_at"]} == after
    journal.keep(backups)
    assert len(entries(backups)) == 3
    assert journal.read(backups).rules["holds"][str(key)]["lifted_at"] is None


def test_joint_erasures_read_the_lake_once(backups: Folder, company: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[rules.Rules] = []

    def counted(connection: DuckDBPyConnection) -> rules.Rules:
        reads.append(rules.read_rules(connection))
        return reads[-1]

    monkeypatch.setattr(journal, "read_rules", counted)
    ids = [filing.file(who, EVERYTHING, None).request.id for who in (company.ada, company.bob)]
    for request_id in ids:
        begin(request_id)
    for step in TOGETHER:
        assert attempt(step, ids) is None
    for request_id in ids:  # each closes its tombstone in the lake, once it is done
        assert attempt_each(EACH, request_id) is None
    assert len(reads) == 1
    for _ in range(98):
        journal.keep(backups, burials=ids[:1])
    assert len(reads) == 1
    kept = journal.read(backups)
    assert all(kept.has_burial(request_id) for request_id in ids)


def test_missing_journal_file_is_detected(backups: Folder, company: Recorded, erase: Erase) -> None:
    erase(company.ada)
    erase(company.bob)
    (backups.journal / "00000001.json").unlink()
    with pytest.raises(BackupError, match=r"00000001\.json of the journal is missing"):
        journal.read(backups)


def test_journal_has_the_newest_governance_state(backups: Folder, company: Recorded, erase: Erase) -> None:
    making.make(backups)
    request = erase(company.ada)
    maintain()
    assert request.id.hex.encode() in (backups.journal / "governance.sqlite").read_bytes()


def said(request_id: UUID, who: Recorded) -> tuple[str | None, str]:
    state.record(request_id)
    outcome = filing.one_of(who.ada.subject, request_id).outcome
    assert outcome is not None
    assert outcome.backups is not None
    until = outcome.backups.unreadable_after
    return (until.isoformat() if until else None), outcome.backups.words


def test_erasure_describes_the_backups(
    backups: Folder, company: Recorded, erase: Erase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = erase(company.ada).id
    assert said(request_id, company) == (None, "There is no earlier backup.")
    made = making.make(backups)
    until, words = said(request_id, company)
    destroyed = made.key_part_until + timedelta(days=1)
    assert until == destroyed.isoformat()
    assert f"{destroyed:%-d %B %Y}" in words
    backups.destroy_key_part(made.name)
    making.note_destroyed(made.name)
    elsewhere = making.make(Folder(tmp_path / "elsewhere"))
    until, words = said(request_id, company)
    assert until is None
    assert "A backup from before, in a place that Open Book does not manage" in words
    shutil.rmtree(tmp_path / "elsewhere")
    monkeypatch.delenv("OPENBOOK_BACKUP_FOLDER")
    making.note_destroyed(elsewhere.name)
    until, words = said(request_id, company)
    assert until is None
    assert "Open Book makes no backups here." in words
