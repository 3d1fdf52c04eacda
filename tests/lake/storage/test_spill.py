"""Queries that don't fit into memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lake.spools import spill
from lake.storage.connection import lake_folder, writer

ROOT = Path(__file__).parents[3]


def test_each_connection_has_its_own_folder(home: Path) -> None:
    folders = {spill.new_folder(lake_folder()) for _ in range(3)}
    assert len(folders) == 3
    assert len({folder.parent for folder in folders}) == 1


def test_only_folders_of_dead_processes_are_deleted(home: Path) -> None:
    leave = "from lake.spools import spill; from lake.storage.connection import lake_folder; "
    leave += "folder = spill.new_folder(lake_folder()); "
    leave += "folder.mkdir(); (folder / 'left.tmp').write_bytes(b'sealed'); import os; os._exit(9)"
    subprocess.run([sys.executable, "-c", leave], cwd=ROOT, env=os.environ, check=False)
    mine = spill.new_folder(lake_folder())
    mine.mkdir()
    (mine / "in-use.tmp").write_bytes(b"sealed")
    assert len(list(lake_folder().rglob("left.tmp"))) == 1
    with writer():
        pass
    assert list(lake_folder().rglob("left.tmp")) == []
    assert (mine / "in-use.tmp").exists()
