"""Files of a home are private: new ones, and those of an earlier version."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from file_modes import keep_private

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def earlier(home: Path) -> Path:
    """A home that an earlier version made: others may read all of it."""
    for path in [home, *home.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return home


def open_to_others(folder: Path) -> set[str]:
    return {path.name for path in [folder, *folder.rglob("*")] if path.lstat().st_mode & 0o077}


@pytest.mark.parametrize(
    "command", [["lake", "policy", "list"], ["directory", "sync", "people.csv"], ["governance.opendsr"]]
)
def test_commands_make_an_older_home_private(earlier: Path, command: list[str]) -> None:
    assert open_to_others(earlier)
    subprocess.run(
        [sys.executable, "-m", *command], cwd=earlier.parent, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert open_to_others(earlier) == set()


def test_an_interrupted_run_is_repeated(earlier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (earlier / "lake" / "one").touch()

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr(Path, "chmod", interrupted)
        with pytest.raises(KeyboardInterrupt):
            keep_private(earlier)
    keep_private(earlier)
    assert open_to_others(earlier) == set()


def test_symlink_targets_keep_their_permissions(home: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch(mode=0o644)
    (home / "link").symlink_to(elsewhere)
    keep_private(home)
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o644
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_home_behind_a_symlink_is_made_private(no_home: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").touch()
    no_home.symlink_to(tmp_path / "real")
    keep_private(no_home)
    assert open_to_others(tmp_path / "real") == set()
