"""Screen texts for the privacy officer's page: roles and plans for models."""

from __future__ import annotations

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
