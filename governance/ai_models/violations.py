"""Violations in words: for the person affected, and for privacy officers without naming anyone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd

from governance import schemas
from governance.domain.frames import records
from governance.schemas.paging import Paging
from lake.statements import statement
from queries import Own
from queries.connection import answering

WITHDRAWN = "withdrawn"
CONSENT = "consent"


def of(person: Own, page: Paging) -> list[schemas.Violation]:
    """A page of the violations that affect the person, newest first. Raises LakeUnavailable."""
    return in_words(page.rows(person.violations()))


def in_words(found: pd.DataFrame) -> list[schemas.Violation]:
    """What `queries.lineage.violations` found, with a sentence on each."""
    return [schemas.Violation(**_for_person(row)) for row in records(found)]


def of_all(page: Paging) -> list[schemas.OfficerViolation]:
    """A page of all violations, newest first: how many people, never who. Raises LakeUnavailable."""
    found = answering(lambda cursor: cursor.execute(statement("all_violations")).df())
    return [schemas.OfficerViolation(**{**row, "words": _for_officer(row)}) for row in records(page.rows(found))]


def _for_person(row: dict[str, Any]) -> dict[str, Any]:
    """The row with `words`."""
    reported = f"{_run(row)} reported that it read {_dataset(row)}, which lists {_captures(row['events'])} of yours"
    if row["kind"] == WITHDRAWN:
        words = f"{reported}, although you had withdrawn them before it started."
    elif row["kind"] == CONSENT:
        words = f"{reported}, although you had withdrawn your consent to their use before it started."
    else:
        words = (
            f"{reported}. The dataset is declared for “{row['dataset_purpose']}”; the job says it is for "
            f"“{row['run_purpose']}”."
        )
    return {**row, "words": words}


def _for_officer(row: dict[str, Any]) -> str:
    of_whom = f"of {row['people']} people" if row["people"] != 1 else "of one person"
    if row["kind"] == WITHDRAWN:
        them = "it" if row["events"] == 1 else "they"
        return (
            f"{_run(row)} reported that it read {_dataset(row)}, which lists {_captures(row['events'])} {of_whom}, "
            f"although {them} had been withdrawn before the run started."
        )
    if row["kind"] == CONSENT:
        return (
            f"{_run(row)} reported that it read {_dataset(row)}, which lists {_captures(row['events'])} {of_whom}, "
            "although they had withdrawn the consent on which its use rests before the run started."
        )
    whose = of_whom if row["people"] else "of unknown people, because it has no manifest"
    return (
        f"{_run(row)} reported that it read {_dataset(row)}, with records {whose}. The dataset is declared for "
        f"“{row['dataset_purpose']}”; the job says it is for “{row['run_purpose']}”."
    )


def _run(row: dict[str, Any]) -> str:
    began: datetime | None = row["started_at"]
    when = f", started on {began:%-d %B %Y, %H:%M} UTC," if began else ""
    return f"A run of the job “{row['job'] or 'unknown'}”{when}"


def _dataset(row: dict[str, Any]) -> str:
    version = f", version {row['version']}" if row["version"] else ""
    return f"the dataset “{row['dataset'] or 'unknown'}”{version}"


def _captures(events: int | None) -> str:
    return "one record" if events == 1 else f"{events or 0:,} records"
