"""`python -m demo.watchdog`: stops the demo's processes when the demo itself was killed.

Its standard input is a pipe from the demo: `+PID` for each process group started, `-PID` for each that has
ended. The pipe closes however the demo ends; then all remaining groups are stopped. It uses no feature specific to
one operating system.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

GRACE_SECONDS = 8.0


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    stop_groups(groups)


def stop_groups(groups: set[int]) -> None:
    """Stops these process groups: first with SIGTERM, and after a grace period with SIGKILL."""
    left = {group for group in groups if _signal(group, signal.SIGTERM)}
    until = time.monotonic() + GRACE_SECONDS
    while left and time.monotonic() < until:
        time.sleep(0.1)
        left = {group for group in left if _signal(group, 0)}
    for group in left:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    """Sends the signal; returns whether the group exists."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    main()
