"""The person's lineage: counted once, current, and no one else's; and what they withdrew of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from directory import Employee
from lake.lineage.graph import (
    Deployment,
    ModelVersion,
    Relation,
    Run,
    record_deployment,
    record_inputs,
    record_parent,
    record_run,
)
from lake.rules import standing
from lake.rules.scope import Scope
from lake.storage.connection import transaction, writer
from queries import Own
from tests.lake.rows import MORNING, Capture, change, put
from tests.support import lineage
from tests.support.people import Company

OwnOf = Callable[[Employee], Own]
DAY = MORNING.date()
NEXT_DAY = DAY + timedelta(days=1)


@pytest.fixture
def recorded(person: Company) -> dict[str, Any]:
    """Ada's words are in both versions of a dataset, her clicks in the second; Sable read both, Ben is in none."""
    ada, ben = person("ada@example.com"), person("ben@example.com")
    sable = ModelVersion("Sable", "1.0", None, None, MORNING)
    amber = ModelVersion("Amber", "1.0", None, None, MORNING + timedelta(days=1))
    typed = (ada.subject, DAY, "keystroke", "Excel", 10)
    clicked = (ada.subject, NEXT_DAY, "mouse_click", "Chrome", 3)
    with writer() as connection:
        put(connection, ben.subject, [Capture()])
    with writer() as connection, transaction(connection):
        first = lineage.dataset(connection, "actions", "1", MORNING, [typed])
        second = lineage.dataset(connection, "actions", "2", MORNING, [typed, clicked])
        lineage.train(connection, sable, [first, second], MORNING)
        lineage.train(connection, amber, [], MORNING)
        record_parent(connection, amber.model_version, sable.model_version, Relation.FINE_TUNED)
        record_deployment(connection, Deployment(amber.model_version, "Claims", MORNING))
    keys = {"first": first, "second": second, "sable": sable.model_version, "amber": amber.model_version}
    return {"ada": ada, "ben": ben, **keys}


def test_a_slice_in_two_versions_counts_once_for_descendants_too(recorded: dict[str, Any], own_of: OwnOf) -> None:
    own = own_of(recorded["ada"]).lineage()
    share = own.models[recorded["sable"]]
    assert (share.captures, dict(share.kinds)) == (13, {"keystroke": 10, "mouse_click": 3})
    assert (share.first_day, share.last_day) == (DAY, NEXT_DAY)
    assert {key: share.captures for key, share in own.datasets.items()} == {
        recorded["first"]: 10,
        recorded["second"]: 13,
    }
    amber = own.reached[recorded["amber"]]
    assert (amber.evidence, amber.through and amber.through.parent) == ("proven", recorded["sable"])
    assert recorded["amber"] not in own.models
    assert [used.place for used in own.graph.in_use(recorded["amber"])] == ["Claims"]
    ben = own_of(recorded["ben"]).lineage()
    assert (dict(ben.datasets), dict(ben.models)) == ({}, {})
    assert {str(each.evidence) for each in ben.reached.values()} == {"none", "unknown"}
    assert (own_of(recorded["ada"]).summary().models, own_of(recorded["ben"]).summary().models) == (2, 0)


def test_new_lineage_is_in_the_next_answer(recorded: dict[str, Any], own_of: OwnOf) -> None:
    own = own_of(recorded["ben"])
    assert own.lineage().reached[recorded["sable"]].evidence == "none"
    with writer() as connection, transaction(connection):
        unlisted = lineage.dataset(connection, "from elsewhere", "7", MORNING, None)
        run = own.lineage().graph.readings[recorded["sable"]][0].run
        record_run(connection, Run("training", run=run))
        record_inputs(connection, run, [(unlisted, None)])
    assert own.lineage().reached[recorded["sable"]].evidence == "possible"


def test_captures_of_a_partly_read_dataset_are_not_counted(recorded: dict[str, Any], own_of: OwnOf) -> None:
    tern = ModelVersion("Tern", "1.0", None, None, MORNING)
    with writer() as connection, transaction(connection):
        run = lineage.train(connection, tern, [], MORNING)
        record_inputs(connection, run, [(recorded["second"], "day ≥ …")])
    own = own_of(recorded["ada"])
    lineages = own.lineage()
    assert lineages.reached[tern.model_version].evidence == "possible"
    assert tern.model_version not in lineages.models
    assert own.model_slices(tern.model_version).empty
    (row,) = own.models().query("model == 'Tern'").to_dict("records")
    assert (row["evidence"], row["captures"], row["model_captures"]) == ("possible", 13, 0)


def test_withdrawn_captures_count_once_until_the_rule_ends(recorded: dict[str, Any], own_of: OwnOf) -> None:
    ada, request = recorded["ada"], uuid4()
    own = own_of(ada)
    assert own.lineage_and_withdrawn()[1].rules == 0
    with writer() as connection:
        standing.start_rule(connection, ada.subject, Scope(signals=("keystroke",)), request, standing.Rule.OBJECTION)
    _, withdrawn = own.lineage_and_withdrawn()
    assert withdrawn.rules == 1
    assert withdrawn.datasets == {recorded["first"]: 10, recorded["second"]: 10}
    assert withdrawn.models == {recorded["sable"]: 10}
    assert own_of(recorded["ben"]).lineage_and_withdrawn()[1].rules == 0
    with writer() as connection:
        standing.end_rule(connection, request)
    assert own.lineage_and_withdrawn()[1].rules == 0


@pytest.mark.parametrize("who", ["ada", "ben", "nobody"])
@pytest.mark.parametrize("removed", [None, DAY - timedelta(days=400), date(1, 1, 1)])
def test_the_summary_finds_the_same_first_day(
    recorded: dict[str, Any], person: Callable[[str], Employee], own_of: OwnOf, who: str, removed: date | None
) -> None:
    """Which models are too old to have learned from somebody, of captures, manifests, and removals of known and erased
    days."""
    employee = person("grace@example.com") if who == "nobody" else recorded[who]
    with writer() as connection:
        trained = ModelVersion("Old", "1.0", None, None, MORNING - timedelta(days=90))
        lineage.train(connection, trained, [], trained.released_at)
        if removed:
            values = [
                uuid4(),
                employee.subject,
                MORNING,
                "retention",
                None,
                "p",
                "scroll",
                "Excel",
                removed,
                removed,
                1,
            ]
            places = ", ".join(["?"] * len(values))
            change(connection, employee.subject, f"insert into removals values ({places})", values)
    with own_of(employee).at_once() as own:
        own.summary()
        known = own.lineage()
    asked = own_of(employee).lineage()
    assert (known.reached, known.until, known.never_any) == (asked.reached, asked.until, asked.never_any)
    assert all((model in known.too_old) == (model in asked.too_old) for model in known.graph.models)
    assert known.never_any == (who == "nobody" and removed is None)
    assert (trained.model_version in known.too_old) == (removed is None and who != "nobody")
