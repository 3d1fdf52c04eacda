"""Violations in words: for the person affected, and for privacy officers without naming anyone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from governance import schemas
from governance.domain.frames import records
from lake.statements import statement
from languages.saying import Said, say, say_n, sentences
from queries import Own
from queries.connection import answering

if TYPE_CHECKING:
    from governance.schemas.paging import Paging


WITHDRAWN = "withdrawn"
INDIRECT = "indirect"
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
    records = say_n("{n} record of yours", "{n} records of yours", row["events"] or 0)
    said = {"run": _run(row), "dataset": _dataset(row), "records": records}
    if row["kind"] == WITHDRAWN:
        words = say(
            "{run} reported that it read {dataset}, which lists {records}, although you had withdrawn them before it "
            "started.",
            **said,
        )
    elif row["kind"] == INDIRECT:
        words = say(
            "{run} reported that it read {dataset}, which may have records of others in which you are mentioned, "
            "although you had objected to their use or restricted it before it started. It isn't known whether it has "
            "them.",
            **said,
        )
    elif row["kind"] == CONSENT:
        words = say(
            "{run} reported that it read {dataset}, which lists {records}, although you had withdrawn your consent to "
            "their use before it started.",
            **said,
        )
    else:
        reported = say("{run} reported that it read {dataset}, which lists {records}.", **said)
        words = sentences(reported, _purposes(row))
    return {**row, "words": words}


def _for_officer(row: dict[str, Any]) -> Said:
    people = say_n("{n} person", "{n} people", row["people"])
    records = say_n("{n} record", "{n} records", row["events"] or 0)
    said = {"run": _run(row), "dataset": _dataset(row), "records": records, "people": people}
    if row["kind"] == WITHDRAWN:
        return say(
            "{run} reported that it read {dataset}, which lists {records} of {people}, withdrawn before the run "
            "started.",
            **said,
        )
    if row["kind"] == INDIRECT:
        return say(
            "{run} reported that it read {dataset}, which may have records in which {people} are mentioned who had "
            "objected to their use or restricted it before the run started. It isn't known whether it has them.",
            **said,
        )
    if row["kind"] == CONSENT:
        return say(
            "{run} reported that it read {dataset}, which lists {records} of {people}, although they had withdrawn the "
            "consent on which its use rests before the run started.",
            **said,
        )
    if row["people"]:
        reported = say("{run} reported that it read {dataset}, with records of {people}.", **said)
    else:
        reported = say(
            "{run} reported that it read {dataset}, with records of unknown people, because it has no manifest.", **said
        )
    return sentences(reported, _purposes(row))


def _purposes(row: dict[str, Any]) -> Said:
    return say(
        "The dataset is declared for “{declared}”; the job says it is for “{purpose}”.",
        declared=str(row["dataset_purpose"]),
        purpose=str(row["run_purpose"]),
    )


def _run(row: dict[str, Any]) -> Said:
    began: datetime | None = row["started_at"]
    job = row["job"] or say("unknown")
    if not began:
        return say("A run of the job “{job}”", job=job)
    return say(
        "A run of the job “{job}”, started on {day}, {time} UTC,", job=job, day=began.date(), time=f"{began:%H:%M}"
    )


def _dataset(row: dict[str, Any]) -> Said:
    name = row["dataset"] or say("unknown")
    if row["version"]:
        return say("the dataset “{dataset}”, version {version}", dataset=name, version=str(row["version"]))
    return say("the dataset “{dataset}”", dataset=name)
