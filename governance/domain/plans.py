"""The plans that an employer can make for a model version that learned from captures since withdrawn."""

from __future__ import annotations

from enum import StrEnum


class Plan(StrEnum):
    RETRAIN = "retrain"
    EXCLUDE = "exclude"
    RETIRE = "retire"
    NONE = "none"
