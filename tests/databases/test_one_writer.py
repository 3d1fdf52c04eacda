"""However many processes write, the ledger has no gap and no entry twice, and its verifier agrees."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from sqlalchemy import select

import verifier
from governance.db.database import reading
from governance.ledger import log
from governance.ledger.tables import EntryRow
from tests.governance.conftest import ROOT

PROCESSES, ENTRIES = 4, 15
APPEND = f"""
import sys
from governance.db.database import writing
from governance.ledger import log
for number in range({ENTRIES}):
    with writing() as session:
        log.append(session, "clock", {{"process": sys.argv[1], "entry": number}})
"""


def test_entries_of_several_processes_are_in_one_row(home: Path) -> None:
    with reading() as session:
        before = log.size(session)
        head = log.checkpoint(session) if before else None
    writers = [subprocess.Popen([sys.executable, "-c", APPEND, str(number)], cwd=ROOT) for number in range(PROCESSES)]
    assert [writer.wait(240) for writer in writers] == [0] * PROCESSES
    with reading() as session:
        rows = session.execute(select(EntryRow.position, EntryRow.statement).order_by(EntryRow.position)).all()
        proven = log.proven_head(session, before)
    assert [position for position, _ in rows] == list(range(before + PROCESSES * ENTRIES))
    told = [json.loads(text or "") for _, text in rows[before:]]
    by_process = {number: [each["entry"] for each in told if each["process"] == str(number)] for number in range(4)}
    assert by_process == {number: list(range(ENTRIES)) for number in range(4)}
    assert proven["size"] == before + PROCESSES * ENTRIES
    assert verifier.Checkpoint.parse(proven["checkpoint"]).size == proven["size"]
    assert head is None or proven["earlier"][0]["size"] == before
