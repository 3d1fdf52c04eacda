"""The ledger on disk: appending, rewritten rows, keys, and concurrent processes."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from governance.db import database
from governance.db.database import governance_folder, reading, writing
from governance.ledger import append, log
from governance.ledger.signing import signer, witnesses
from governance.ledger.tables import EntryRow, NodeRow
from governance.operations import first_start
from lake.storage import merkle
from tests.governance.conftest import ROOT
from tests.governance.ledger.growing import grow, rewrite
from verifier import EMPTY_ROOT, Checkpoint, Key, commitment, consistent, leaf_hash, root_from_inclusion

APPENDING = """
from governance.db.database import writing
from governance.ledger import append
for number in range(40):
    with writing() as session:
        append(session, "retention", {"process": PROCESS, "number": number})
"""


def test_an_empty_ledger_has_a_signed_head(home: Path) -> None:
    with reading() as session:
        head = log.checkpoint(session)
    assert (head.size, head.root, head.origin) == (0, EMPTY_ROOT, "open-book")
    assert head.signed_by(signer().key)
    assert Checkpoint.parse(head.note) == head


def test_every_entry_is_proven_under_the_signed_head(home: Path) -> None:
    head = grow(11)
    with reading() as session:
        for row in session.scalars(select(EntryRow)):
            held = log.statement_of(session, row.position)
            assert held is not None
            committed, salt, statement = held
            assert statement["kind"] == "retention"
            assert committed == commitment(salt, statement) == row.commitment
            proof = log.inclusion(session, row.position, head.size)
            assert root_from_inclusion(row.position, head.size, leaf_hash(committed), proof) == head.root


def test_entry_and_its_event_commit_together(home: Path) -> None:
    def fail() -> None:
        with writing() as session:
            append(session, "restore", {"words": "never happened"})
            raise RuntimeError("crash")

    grow(3)
    with pytest.raises(RuntimeError):
        fail()
    assert grow(1).size == 4
    with reading() as session:
        assert session.scalars(select(EntryRow.position)).all() == [0, 1, 2, 3]


def test_unknown_kinds_and_fractions_are_refused(home: Path) -> None:
    with writing() as session:
        for kind, body in (
            ("gossip", {}),
            ("retention", {"at": "now"}),
            ("retention", {"share": 0.5}),
            ("retention", {"when": uuid4()}),
        ):
            with pytest.raises(ValueError, match=r"."):
                append(session, kind, body)
        assert log.size(session) == 0


def test_equal_statements_have_different_commitments(home: Path) -> None:
    grow(2)
    with reading() as session:
        first, second = session.scalars(select(EntryRow)).all()
        assert first.commitment != second.commitment
        assert first.salt != second.salt
        assert first.salt is not None
        assert len(first.salt) == 32


def test_destroyed_statement_keeps_all_proofs(home: Path) -> None:
    request_id = uuid4()
    with writing() as session:
        append(session, "request_received", {"request": str(request_id), "type": "erasure"})
    before = grow(4)
    with writing() as session:
        log.destroy(session, request_id)
    with reading() as session:
        assert log.statement_of(session, 0) is None
        assert log.checkpoint(session) == before
        committed = session.get_one(EntryRow, 0).commitment
        proof = log.inclusion(session, 0, before.size)
        assert root_from_inclusion(0, before.size, leaf_hash(committed), proof) == before.root
    assert grow(1).size == 6


@pytest.mark.parametrize("position", [0, 3, 6])
def test_rewritten_row_contradicts_an_older_checkpoint(home: Path, position: int) -> None:
    seen = grow(7)
    grow(2)
    rewrite(position)
    with reading() as session:
        now = log.checkpoint(session)
        proof = log.consistency(session, seen.size, now.size)
        with pytest.raises(log.NotThisLedger, match="keep it"):
            log.remember_seen(session, uuid4(), seen.size, seen.root)
    assert now.signed_by(signer().key)
    assert not consistent(seen.size, now.size, seen.root, now.root, proof)


def test_verified_head_is_kept_after_a_rewrite(home: Path) -> None:
    ada, seen = uuid4(), grow(5)
    with writing() as session:
        log.remember_seen(session, ada, seen.size, seen.root)
    rewrite(2)
    now = grow(3)
    with writing() as session, pytest.raises(log.NotThisLedger, match="is kept"):
        log.remember_seen(session, ada, now.size, now.root)
    with reading() as session:
        kept = log.seen(session, ada)
        assert kept is not None
        assert (kept.size, kept.root) == (seen.size, seen.root)


def test_changed_row_fails_its_proof(home: Path) -> None:
    head = grow(6)
    with writing() as session:
        session.execute(update(EntryRow).where(EntryRow.position == 2).values(commitment=os.urandom(32)))
    with reading() as session:
        committed = session.get_one(EntryRow, 2).commitment
        proof = log.inclusion(session, 2, head.size)
    assert root_from_inclusion(2, head.size, leaf_hash(committed), proof) != head.root


def test_verified_head_never_decreases(home: Path) -> None:
    ada = uuid4()
    first, second = grow(2), grow(3)
    with writing() as session:
        assert log.seen(session, ada) is None
        log.remember_seen(session, ada, second.size, second.root)
        assert log.remember_seen(session, ada, first.size, first.root).size == second.size


def test_concurrent_appends_have_no_gaps(home: Path) -> None:
    with reading():
        pass
    writers = [
        subprocess.Popen([sys.executable, "-c", f"PROCESS = {process}\n{APPENDING}"], cwd=ROOT) for process in range(2)
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    head = grow(0)
    assert head.size == 80
    with reading() as session:
        rows = session.scalars(select(EntryRow).order_by(EntryRow.position)).all()
        assert [row.position for row in rows] == list(range(80))
        found = [log.statement_of(session, row.position) for row in rows]
        bodies = {(held[2]["process"], held[2]["number"]) for held in found if held is not None}
        assert bodies == {(process, number) for process in range(2) for number in range(40)}
        nodes: dict[tuple[int, int], bytes] = {}
        for row in rows:
            for level, at, value in merkle.completed(row.position, leaf_hash(row.commitment), lambda *of: nodes[of]):
                nodes[level, at] = value
        assert merkle.root(80, lambda *of: nodes[of]) == head.root


def test_key_file_is_owner_only(home: Path) -> None:
    key = signer().key
    path = governance_folder() / "signing.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert signer().key == key
    assert [file.name for file in path.parent.iterdir() if file.name.startswith("signing")] == ["signing.key"]


def test_key_and_origin_may_come_from_settings(no_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_SIGNING_KEY", base64.b64encode(bytes(range(32))).decode())
    first_start.init()
    monkeypatch.setenv("OPENBOOK_LEDGER_ORIGIN", "example.com/ledger")
    key = signer().key
    assert key.name == "example.com/ledger"
    assert not (governance_folder() / "signing.key").exists()
    for name, value in (("SIGNING_KEY", "c2hvcnQ="), ("SIGNING_KEY", "?"), ("LEDGER_ORIGIN", "a b")):
        with monkeypatch.context() as only_here:
            only_here.setenv(f"OPENBOOK_{name}", value)
            with pytest.raises(ValueError, match=f"OPENBOOK_{name}"):
                signer()


def test_only_keys_for_cosignatures_can_be_witnesses(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    council = Key("council.example", bytes(range(32)), 4)
    monkeypatch.setenv("OPENBOOK_WITNESS_KEYS", f"{council}, ")
    assert witnesses() == [council]
    for wrong in ("council.example", f"{Key('a', bytes(32), 1)}", f"{council}"[:-4] + "AAAA", f"x{council}"):
        monkeypatch.setenv("OPENBOOK_WITNESS_KEYS", wrong)
        with pytest.raises(ValueError, match="OPENBOOK_WITNESS_KEYS"):
            witnesses()


def test_large_ledger_proofs_stay_fast(home: Path) -> None:
    """The nodes that a session reads grow with the logarithm of the ledger."""
    grow(130)
    database.close()
    with reading() as session:
        log.inclusion(session, 5, 130)
        log.consistency(session, 100, 130)
        assert sum(isinstance(row, NodeRow) for row in session.identity_map.values()) < 30


def test_entries_know_which_request_they_are_about(home: Path) -> None:
    request_id = uuid4()
    with writing() as session:
        append(session, "request_decided", {"request": str(request_id), "decision": "approve"})
        append(session, "retention", {})
    with reading() as session:
        assert [row.request_id for row in session.scalars(select(EntryRow))] == [UUID(str(request_id)), None]
