"""How a stopped process loses the write lock, and never writes afterwards.

The lock is a kernel lock (`lake/write.lock`), which can't be taken from a living process. So the holder records in
`lake/write.holder` which process it is, and one of its threads adds a heartbeat every second. A stopped process
(SIGSTOP, Ctrl-Z, a debugger, a frozen container) has no heartbeat and uses no processor time. A waiter that sees this
for `LOST_SECONDS` without a break ends the process with SIGKILL. That frees the lock and acts as the fence: a dead
process can't wake up and continue writing. Every write is atomic and all work can be repeated, so nothing is lost.

Never ended: a process that has a heartbeat or computes, however long it has the lock; one that doesn't have this lock
file open; one of another user, machine, boot or container; the caller. Time in which the waiter itself is stopped (the
whole machine sleeps) doesn't count. On systems without `/proc` and pidfd no process is ended, and waiters give up.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

logger = logging.getLogger("lake")

LOCK = "write.lock"
HOLDER = "write.holder"
BEAT_SECONDS = 1.0
LOST_SECONDS = 30.0
LOOK_SECONDS = 0.5
RECORD_BYTES = 256
"""The record has a fixed size, so that a heartbeat needs no more room on a full disk."""

_looking = threading.Lock()


@dataclass(frozen=True)
class Holder:
    """A process and its last heartbeat. `start` is in clock ticks since `boot`, so that a pid means one process."""

    boot: str
    namespace: str
    pid: int
    start: int
    beat: int


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Record that this process has the write lock of the lake in `folder`, with a heartbeat while the block runs."""
    record = _open(folder)
    if record is None:
        yield
        return
    ours = _ourselves()
    done = threading.Event()
    beating = threading.Thread(target=_beat, args=(record, ours, done), name="lease", daemon=True)
    try:
        if ours is not None:
            _write(record, ours)
            beating.start()
        yield
    finally:
        done.set()
        if beating.ident is not None:
            beating.join()
        _write(record, None)
        os.close(record)


def watch(folder: Path) -> None:
    """Watch the holder in a thread until it has a heartbeat, releases the lock or is ended; one thread per process."""
    if _looking.acquire(blocking=False):
        try:
            threading.Thread(target=_look, args=(folder,), name="lease-watch", daemon=True).start()
        except BaseException:
            _looking.release()
            raise


def holder(folder: Path) -> Holder | None:
    """The recorded holder of the lock; None if there is none or the record can't be read."""
    try:
        record = orjson.loads((folder / HOLDER).read_bytes())
        return Holder(**record)
    except (OSError, ValueError, TypeError):
        return None


def _open(folder: Path) -> int | None:
    """The record, or None if it can't be kept: then this process is never ended."""
    if sys.platform != "linux":
        return None
    try:
        return os.open(folder / HOLDER, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None


def _beat(record: int, ours: Holder, done: threading.Event) -> None:
    while not done.wait(BEAT_SECONDS):
        ours = replace(ours, beat=ours.beat + 1)
        _write(record, ours)


def _write(record: int, one: Holder | None) -> None:
    line = orjson.dumps(one) if one else b""
    with suppress(OSError):
        os.pwrite(record, line.ljust(RECORD_BYTES), 0)


def _look(folder: Path) -> None:
    try:
        _look_until_settled(folder)
    finally:
        _looking.release()


def _look_until_settled(folder: Path) -> None:
    first = holder(folder)
    if first is None or not _is_one_of_ours(first, folder):
        return
    used = _stat(first.pid)
    seen, last = 0.0, time.monotonic()
    while seen < LOST_SECONDS:
        time.sleep(LOOK_SECONDS)
        now = time.monotonic()
        seen, last = seen + min(now - last, 2 * LOOK_SECONDS), now
        if holder(folder) != first or _stat(first.pid) != used:
            return
    _end(first, folder, seen)


def _end(lost: Holder, folder: Path, seen: float) -> None:
    if sys.platform != "linux":
        return
    try:
        process = os.pidfd_open(lost.pid)
    except OSError:
        return
    try:
        if holder(folder) == lost and _is_one_of_ours(lost, folder):
            signal.pidfd_send_signal(process, signal.SIGKILL)
            logger.warning(
                "process %d had the lake's write lock and was stopped for %.0f seconds: it was killed to free the "
                "lock; no finished work is lost",
                lost.pid,
                seen,
            )
    except OSError:
        logger.warning("process %d has the lake's write lock, is stopped, and could not be killed", lost.pid)
    finally:
        os.close(process)


def _is_one_of_ours(one: Holder, folder: Path) -> bool:
    """Whether it is another process of this machine and user that has the lock file open."""
    ours = _ourselves()
    if ours is None or (one.boot, one.namespace) != (ours.boot, ours.namespace) or one.pid == ours.pid:
        return False
    stat = _stat(one.pid)
    if stat is None or stat[0] != one.start:
        return False
    try:
        lock = (folder / LOCK).stat()
        process = Path("/proc", str(one.pid))
        if process.stat().st_uid != os.geteuid():
            return False
        for descriptor in (process / "fd").iterdir():
            with suppress(OSError):
                if os.path.samestat(descriptor.stat(), lock):
                    return True
    except OSError:
        pass
    return False


def _ourselves() -> Holder | None:
    stat = _stat(os.getpid())
    if stat is None:
        return None
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return Holder(boot, str(Path("/proc/self/ns/pid").readlink()), os.getpid(), stat[0], 0)
    except OSError:
        return None


def _stat(pid: int) -> tuple[int, int] | None:
    """The start time of a process and the processor time it has used, in clock ticks; None if it doesn't exist."""
    try:
        # The name before the last parenthesis may contain anything (proc_pid_stat(5)).
        fields = Path("/proc", str(pid), "stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return int(fields[19]), int(fields[11]) + int(fields[12])
