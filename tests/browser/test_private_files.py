"""Other accounts on the machine can't read a running home, whatever the shell's umask was."""

from __future__ import annotations

import stat

from tests.browser.conftest import Stack


def test_a_running_home_is_closed_to_other_accounts(stack: Stack) -> None:
    found = {path: path.lstat().st_mode for path in [stack.home, *stack.home.rglob("*")] if path.exists()}
    assert {"lake", "directory", "governance", "releases", "logs", "demo"} <= {path.name for path in found}
    open_to_others = [path.name for path, mode in found.items() if mode & (stat.S_IRWXG | stat.S_IRWXO)]
    assert open_to_others == []
