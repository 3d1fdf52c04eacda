"""The words of the privacy officer's page: reasons to choose from, and the exceptions that a hold may rest on.

Officers write no free text: whatever they choose has fixed words, which the person it is about gets to read.
"""

from __future__ import annotations

ROLES = {
    "privacy_officer": "A privacy officer",
    "manager": "A manager",
    "employee": "An employee",
    "controller": "A company that asked on your behalf",
}
"""Who looked, on the page that says so."""

PLANS = {
    "retrain": "Train it anew, without what was withdrawn",
    "exclude": "Leave what was withdrawn out of its next training",
    "retire": "Take it out of use",
    "none": "Nothing",
}

PLANS_TOLD = {
    "retrain": "To be trained anew",
    "exclude": "What was withdrawn is to be left out of its next training",
    "retire": "To be taken out of use",
    "none": "It was decided to plan nothing",
}
