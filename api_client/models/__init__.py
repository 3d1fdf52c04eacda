"""What the governance API answers, as frozen dataclasses.

Times are aware, UTC; days are UTC days; counts are captures. Fields that a newer API adds are passed over.
"""

from api_client.models.held import (
    AccessEntry,
    AccessLog,
    Capture,
    CapturePage,
    Hold,
    Me,
    ModelUse,
    Removal,
    Retention,
    Summary,
    Upcoming,
)
from api_client.models.ledger import Consistency, Head, Inclusion, Link, MyLedger, SeenHead
from api_client.models.officer import (
    EmployeeName,
    OfficerHold,
    OfficerRequest,
)
from api_client.models.published import (
    Area,
    AttackResult,
    KnownModel,
    PolicyInForce,
    Programme,
    Release,
    ReleasedTable,
    Share,
    TableSize,
)
from api_client.models.requests import (
    ENDED,
    AffectedModel,
    DayCount,
    Decision,
    Event,
    ExportInfo,
    Note,
    Preview,
    Previewed,
    ReceiptInfo,
    Request,
    Slice,
    Withheld,
)
from api_client.models.scope import (
    Scope,
)

__all__ = [
    "ENDED",
    "AccessEntry",
    "AccessLog",
    "AffectedModel",
    "Area",
    "AttackResult",
    "Capture",
    "CapturePage",
    "Consistency",
    "DayCount",
    "Decision",
    "EmployeeName",
    "Event",
    "ExportInfo",
    "Head",
    "Hold",
    "Inclusion",
    "KnownModel",
    "Link",
    "Me",
    "ModelUse",
    "MyLedger",
    "Note",
    "OfficerHold",
    "OfficerRequest",
    "PolicyInForce",
    "Preview",
    "Previewed",
    "Programme",
    "ReceiptInfo",
    "Release",
    "ReleasedTable",
    "Removal",
    "Request",
    "Retention",
    "Scope",
    "SeenHead",
    "Share",
    "Slice",
    "Summary",
    "TableSize",
    "Upcoming",
    "Withheld",
]
