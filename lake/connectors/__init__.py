"""Connectors: one module per source format, all with the interface of `lake.connectors.records.Connector`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from lake.connectors.records import Connector, InvalidSource, LeftOut, Quarantined, Record, Relative

if TYPE_CHECKING:
    CONNECTORS: dict[str, Connector]
    """All of them, by name."""

__all__ = ["CONNECTORS", "Connector", "InvalidSource", "LeftOut", "Quarantined", "Record", "Relative"]


def __getattr__(name: str) -> object:
    """Load the connectors when they are first asked for: whoever only needs the interface doesn't wait for them."""
    if name == "CONNECTORS":
        return _connectors()
    raise AttributeError(name)


@cache
def _connectors() -> dict[str, Connector]:
    from lake.connectors.activitywatch import ActivityWatch
    from lake.connectors.agentnet import AgentNet
    from lake.connectors.balabit import Balabit
    from lake.connectors.openadapt import OpenAdapt
    from lake.connectors.opencua import OpenCua
    from lake.connectors.pynput import Pynput
    from lake.connectors.ui_log import UiLog

    every: tuple[Connector, ...] = (
        OpenCua(),
        UiLog(),
        ActivityWatch(),
        Balabit(),
        Pynput(),
        OpenAdapt(),
        AgentNet(),
    )
    return {connector.name: connector for connector in every}
