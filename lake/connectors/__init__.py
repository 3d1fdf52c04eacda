"""Connectors: one module per source format, all with the interface of `lake.connectors.records.Connector`."""

from lake.connectors.activitywatch import ActivityWatch
from lake.connectors.agentnet import AgentNet
from lake.connectors.balabit import Balabit
from lake.connectors.openadapt import OpenAdapt
from lake.connectors.opencua import OpenCua
from lake.connectors.pynput import Pynput
from lake.connectors.records import Connector, InvalidSource, LeftOut, Quarantined, Record, Relative
from lake.connectors.ui_log import UiLog

CONNECTORS: dict[str, Connector] = {
    connector.name: connector
    for connector in (OpenCua(), UiLog(), ActivityWatch(), Balabit(), Pynput(), OpenAdapt(), AgentNet())
}

__all__ = ["CONNECTORS", "Connector", "InvalidSource", "LeftOut", "Quarantined", "Record", "Relative"]
