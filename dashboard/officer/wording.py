"""Screen texts for the privacy officer's page: roles and plans for models."""

from __future__ import annotations

ROLES = {
    "privacy_officer": "A privacy officer",
    "manager": "A manager",
    "employee": "An employee",
    "controller": "A company that asked on your behalf",
    "worker": "The worker that carries out requests",
    "ingestion": "The program that stores what was captured",
    "dataset": "The program that puts data sets together",
    "release": "The program that computes published numbers",
    "backup": "The backup program",
    "restore": "The restore program",
}
"""Roles on the page Who looked."""

ACTIONS = {
    "view": "viewed",
    "search": "searched",
    "export": "exported",
    "copy": "copied",
    "change": "changed",
    "delete": "deleted",
    "back_up": "backed up",
    "restore": "restored",
    "administer": "administered",
}
"""What was done in another system, on the same page."""

KINDS = {"role": "Role", "operators": "Operators", "program": "Program", "company": "Other company"}
"""Kinds of standing access, on the same page."""

PLANS = {
    "retrain": "Retrain it without what was withdrawn",
    "exclude": "Leave what was withdrawn out of its next training",
    "retire": "Take it out of use",
    "none": "Nothing",
}

PLANNED = {
    "retrain": "To be retrained",
    "exclude": "What was withdrawn is to be left out of its next training",
    "retire": "To be taken out of use",
    "none": "Decided: no action",
}
