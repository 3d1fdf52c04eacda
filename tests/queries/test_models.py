"""Claims about models never exceed what the lineage proves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from directory import Employee
from lake.lineage.graph import (
    DatasetVersion,
    ModelVersion,
    collect_slices,
    record_dataset_version,
    record_model_version,
)
from lake.rules.scope import Scope
from lake.storage.connection import transaction, writer
from queries import Own
from tests.lake.rows import MORNING, every_minute, put
from tests.support.lineage import train
from tests.support.people import Company

OwnOf = Callable[[Employee], Own]
MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def model(name: str) -> ModelVersion:
    return ModelVersion(name, "1.0", "suggestions", "Vendor", MORNING)


def dataset(name: str) -> DatasetVersion:
    return DatasetVersion(name, "v1", "training", MORNING)


@pytest.fixture
def lineage(person: Company) -> dict[str, Any]:
    """Ada has 10 keystrokes on one day and 5 scrolls on the next; Ben has 7 scrolls only."""
    ada, ben = person("ada@example.com"), person("ben@example.com")
    models = {name: model(name) for name in ("typing", "both", "guess", "dark", "runless", "vanished")}
    keys, everything, unlisted = dataset("keys"), dataset("everything"), dataset("unlisted")
    with writer() as connection:
        put(connection, ada.subject, every_minute(10))
        put(connection, ada.subject, every_minute(5, MORNING + timedelta(days=1), signal="scroll"))
        put(connection, ben.subject, every_minute(7, signal="scroll"))
        with transaction(connection):
            record_dataset_version(connection, keys, collect_slices(connection, *MARCH, ["keystroke"]))
            record_dataset_version(connection, everything, collect_slices(connection, *MARCH, ["keystroke", "scroll"]))
            record_dataset_version(connection, unlisted, None)
            for one in models.values():
                record_model_version(connection, one)
            for run in range(2):
                train(connection, models["typing"], [keys.dataset_version], MORNING + timedelta(days=run))
            train(connection, models["both"], [keys.dataset_version, everything.dataset_version], MORNING)
            train(connection, models["guess"], [unlisted.dataset_version], MORNING)
            train(connection, models["dark"], [], MORNING)
            train(connection, models["vanished"], [dataset("never recorded").dataset_version], MORNING)
    return {"ada": ada, "ben": ben, **models}


def test_evidence_matches_what_is_known(lineage: dict[str, Any], own_of: OwnOf) -> None:
    def evidence(who: str) -> dict[tuple[str, str | None], tuple[str, int]]:
        table = own_of(lineage[who]).models()
        columns = zip(table["model"], table["dataset"].fillna(""), table["evidence"], table["captures"], strict=True)
        return {(name, of): (how, captures) for name, of, how, captures in columns}

    unproven = {
        ("guess", "unlisted"): ("possible", 0),
        ("dark", ""): ("unknown", 0),
        ("runless", ""): ("unknown", 0),
        ("vanished", ""): ("unknown", 0),
    }
    assert evidence("ada") == {
        ("typing", "keys"): ("possible", 10),  # two runs say that they made it
        ("both", "keys"): ("proven", 10),
        ("both", "everything"): ("proven", 15),
        **unproven,
    }
    assert evidence("ben") == {
        ("typing", "keys"): ("none", 0),
        ("both", "keys"): ("none", 0),
        ("both", "everything"): ("proven", 7),
        **unproven,
    }


def test_a_slice_read_twice_counts_once(lineage: dict[str, Any], own_of: OwnOf) -> None:
    own = own_of(lineage["ada"])
    table = own.models()
    assert len(table[table["model"] == "typing"]) == 1
    assert table.loc[table["model"] == "typing", "finished_at"].item() == MORNING + timedelta(days=1)
    assert set(table.loc[table["model"] == "both", "model_captures"]) == {15}
    summary = own.summary()
    assert (summary.models, summary.model_captures) == (1, 15)
    assert own_of(lineage["ben"]).summary().models == 1
    slices = own.model_slices(lineage["both"].model_version)
    assert list(slices.itertuples(index=False, name=None)) == [
        (datetime.fromisoformat("2026-03-02"), "keystroke", "Excel", 10),
        (datetime.fromisoformat("2026-03-03"), "scroll", "Excel", 5),
    ]
    assert own_of(lineage["ben"]).model_slices(lineage["typing"].model_version).empty


def test_days_of_use_are_the_persons_own(lineage: dict[str, Any], own_of: OwnOf) -> None:
    table = own_of(lineage["ada"]).models()
    row = table[table["dataset"] == "everything"].iloc[0]
    assert (row["first_day"].date(), row["last_day"].date()) == (date(2026, 3, 2), date(2026, 3, 3))


def test_datasets_affected_by_a_scope(lineage: dict[str, Any], own_of: OwnOf) -> None:
    def affected(who: str, **scope: Any) -> list[tuple[str, int]]:
        own = own_of(lineage[who])
        listed = own.datasets_affected(Scope(**scope)).listed
        datasets = own.model_graph().datasets
        return sorted((datasets[key].dataset, events) for key, events in listed.items())

    assert affected("ada") == [("everything", 15), ("keys", 10)]
    assert affected("ada", signals=("scroll",)) == [("everything", 5)]
    assert affected("ada", applications=("Chrome",)) == []
    assert affected("ada", until_at=datetime.fromisoformat("2026-03-03")) == [("everything", 10), ("keys", 10)]
    assert affected("ada", from_at=MORNING + timedelta(days=1, minutes=4)) == [("everything", 5)]
    assert affected("ada", from_at=datetime.fromisoformat("2026-03-03T23:00")) == []
    assert affected("ben", signals=("keystroke",)) == []
