"""What tests need of memory.

Their files are there where there is room: on a disk, each commit of a database waits for it (fsync), which is a quarter
of the time of the tests that work on requests. What they show stays the same: no test cuts the power of a disk.
Processes are killed, disks are full by a limit, and permissions are checked, as on any other file system. `TMPDIR`
chooses another place.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
NEEDED = 4 * 1024**3
"""Bytes; the whole suite leaves about half of that, and deletes it at its end."""


def keep_files_in_memory() -> None:
    """From now on, temporary files of this process and its children are in memory. Programs in them can run."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    if os.statvfs(MEMORY).f_flag & getattr(os, "ST_NOEXEC", 0) or shutil.disk_usage(MEMORY).free < NEEDED:
        return
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None  # read again from the environment


def collect_nothing_yet() -> None:
    """Python's garbage collector rests until all tests are loaded."""
    gc.disable()


def leave_what_is_loaded() -> None:
    """From now on, Python's garbage collector looks only at newer objects. It took a fifth of the time of the tests
    that work on requests, to look at thousands of collected tests and their modules again and again."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()
