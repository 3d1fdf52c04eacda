"""Screen texts for the privacy officer's page: roles and plans for models."""

from __future__ import annotations

from languages import mark

PLANS = {
    "retrain": mark("Retrain it without what was withdrawn"),
    "exclude": mark("Leave what was withdrawn out of its next training"),
    "retire": mark("Take it out of use"),
    "none": mark("Nothing"),
}

PLANNED = {
    "retrain": mark("To be retrained"),
    "exclude": mark("What was withdrawn is to be left out of its next training"),
    "retire": mark("To be taken out of use"),
    "none": mark("Decided: no action"),
}
