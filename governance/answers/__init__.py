"""What the API answers, field by field. Times are RFC 3339 in UTC; days are UTC days; events are captures."""

from governance.answers.access import AccessEntry, AccessLog
from governance.answers.base import Answer
from governance.answers.health import Health
from governance.answers.held import Capture, CapturePage, Hold, Me, ModelUse, Removal, Retention, Summary, Upcoming
from governance.answers.officer import EmployeeName, NewDecision, NewHold, OfficerHold, OfficerRequest
from governance.answers.requests import (
    AffectedModel,
    Backups,
    DayCount,
    Decision,
    Event,
    Export,
    ModelState,
    NewRequest,
    Note,
    Outcome,
    Preview,
    Previewed,
    Processor,
    Receipt,
    Request,
    Slice,
    Withheld,
)

__all__ = [
    "AccessEntry",
    "AccessLog",
    "AffectedModel",
    "Answer",
    "Backups",
    "Capture",
    "CapturePage",
    "DayCount",
    "Decision",
    "EmployeeName",
    "Event",
    "Export",
    "Health",
    "Hold",
    "Me",
    "ModelState",
    "ModelUse",
    "NewDecision",
    "NewHold",
    "NewRequest",
    "Note",
    "OfficerHold",
    "OfficerRequest",
    "Outcome",
    "Preview",
    "Previewed",
    "Processor",
    "Receipt",
    "Removal",
    "Request",
    "Retention",
    "Slice",
    "Summary",
    "Upcoming",
    "Withheld",
]
