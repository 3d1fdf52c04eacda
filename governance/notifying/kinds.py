"""What people are told about, in which groups they choose it, and the words.

The words say that something happened and where to look. They name no application, model, person, text or count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from languages import mark


class Group(StrEnum):
    """What is chosen together."""

    REQUESTS = "requests"
    DEADLINES = "deadlines"
    POLICIES = "policies"
    RECORDERS = "recorders"
    ACCESS = "access"
    VIOLATIONS = "violations"
    MODELS = "models"
    DIGEST = "digest"
    """For privacy officers."""


class Kind(StrEnum):
    COPY_READY = "copy_ready"
    REQUEST_ENDED = "request_ended"
    DEADLINE_MOVED = "deadline_moved"
    DEADLINE_NEAR = "deadline_near"
    POLICY_ANNOUNCED = "policy_announced"
    RECORDER_SILENT = "recorder_silent"
    RECORDER_RESUMED = "recorder_resumed"
    NEW_ACCESSOR = "new_accessor"
    VIOLATION = "violation"
    PLAN_KEPT = "plan_kept"
    PLAN_MISSED = "plan_missed"


@dataclass(frozen=True)
class Words:
    group: Group
    words: str
    """Marked: it is translated where it is shown."""
    page: str
    """The path of the page of the dashboard where to look."""


OF: Mapping[Kind, Words] = {
    Kind.COPY_READY: Words(Group.REQUESTS, mark("Your copy is ready"), "requests"),
    Kind.REQUEST_ENDED: Words(Group.REQUESTS, mark("A request of yours is done"), "requests"),
    Kind.DEADLINE_MOVED: Words(Group.DEADLINES, mark("The deadline of a request of yours was moved"), "requests"),
    Kind.DEADLINE_NEAR: Words(Group.DEADLINES, mark("The deadline of a request of yours is near"), "requests"),
    Kind.POLICY_ANNOUNCED: Words(Group.POLICIES, mark("There is a new notice about what may be recorded"), ""),
    Kind.RECORDER_SILENT: Words(Group.RECORDERS, mark("A recorder of yours has gone silent"), ""),
    Kind.RECORDER_RESUMED: Words(Group.RECORDERS, mark("A recorder of yours that was silent reports again"), ""),
    Kind.NEW_ACCESSOR: Words(Group.ACCESS, mark("A new kind of person or program read your data"), "access"),
    Kind.VIOLATION: Words(Group.VIOLATIONS, mark("Your data was used without permission"), "models"),
    Kind.PLAN_KEPT: Words(Group.MODELS, mark("A promise about a model that learned from your data was kept"), "models"),
    Kind.PLAN_MISSED: Words(
        Group.MODELS, mark("The date of a promise about a model that learned from your data has passed"), "models"
    ),
}

MAIL = frozenset({Group.REQUESTS, Group.VIOLATIONS, Group.DIGEST})
"""What is sent by e-mail unless somebody chooses otherwise; in the app, everything is shown."""
CHAT = MAIL - {Group.DIGEST}
"""What is sent to Slack or Teams by whoever connects it, unless they choose otherwise."""
EVERY = frozenset(Group)
