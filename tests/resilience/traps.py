"""Make a process die, or its disk full, at a named point of the real program.

A point is `before MODULE:NAME` or `after MODULE:NAME`, where NAME is a function or `Class.method`. The function's code
is replaced in place, so that whoever holds the function meets the trap.
"""

from __future__ import annotations

import errno
import importlib
import os
import signal
from collections.abc import Callable
from types import FunctionType
from typing import Any


def set_trap(point: str, happen: Callable[[], None]) -> None:
    """Call something whenever the program reaches this point."""
    when, _, place = point.partition(" ")
    module, _, name = place.partition(":")
    function: Any = importlib.import_module(module)
    for part in name.split("."):
        function = getattr(function, part)
    if when not in ("before", "after") or not isinstance(function, FunctionType) or function.__closure__:
        raise ValueError(f"no trap can be set {point}")
    real = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
    real.__kwdefaults__ = function.__kwdefaults__

    def trapped(*arguments: Any, **named: Any) -> Any:
        if when == "before":
            happen()
        result = real(*arguments, **named)
        if when == "after":
            happen()
        return result

    key = f"_trapped_{function.__name__}"
    function.__globals__[key] = trapped
    made: dict[str, Any] = {}
    exec(f"def f(*arguments, **named): return {key}(*arguments, **named)", made)
    function.__code__ = made["f"].__code__
    function.__defaults__, function.__kwdefaults__ = None, None


def die() -> None:
    """As `kill -9` does: at once, without cleanup."""
    os.kill(os.getpid(), signal.SIGKILL)


def disk_full() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
