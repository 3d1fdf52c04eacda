"""Connectors: one module a source format, all with the interface of `lake.ingest.connectors.records.Connector`."""

from lake.ingest.connectors.activitywatch import ActivityWatch
from lake.ingest.connectors.opencua import OpenCua
from lake.ingest.connectors.records import Connector, InvalidSource, Quarantined, Record
from lake.ingest.connectors.ui_log import UiLog

CONNECTORS: dict[str, Connector] = {connector.name: connector for connector in (OpenCua(), UiLog(), ActivityWatch())}

__all__ = ["CONNECTORS", "Connector", "InvalidSource", "Quarantined", "Record"]
