"""Keeps the files of a home private to the account that runs Open Book.

Every process calls `keep_private` before it creates a file. Everything may import this module; it imports
nothing else of Open Book.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_private(home: Path) -> None:
    """Make new files of this process private, and remove group and other permissions from an older version's home.

    The home's own folder comes last, so that an interrupted run is repeated. Files of another account are left
    unchanged. Symbolic links are not followed.
    """
    os.umask(OTHERS)
    home = home.resolve()
    if home.is_dir() and _is_open(home):
        for folder, folders, files in os.walk(home):
            for name in folders + files:
                _tighten(Path(folder) / name)
        _tighten(home)


def _is_open(path: Path) -> bool:
    return bool(path.lstat().st_mode & OTHERS)


def _tighten(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & OTHERS:
            path.chmod(stat.S_IMODE(mode) & ~OTHERS)
    except (FileNotFoundError, PermissionError):
        return
