"""What models have of somebody, before and after they had everything erased: the true number, or "at least" one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from lake.datasets.making import Selection, create
from lake.lineage.graph import ModelVersion
from lake.storage.connection import transaction, writer
from tests.governance.conftest import Client
from tests.governance.fulfilment.test_what_stays import BEGIN, ONLY_ADA, captured, erase
from tests.support.lineage import train
from tests.support.people import Company


def test_numbers_of_models_stay_true_after_an_erasure(home: Path, api: Client, person: Company) -> None:
    """Two versions share 4 records; each has 4 others."""
    ada, eve = person(), person("eve@example.com")
    captured(ada, "Excel")
    captured(ada)
    captured(eve)
    first = create("desk", Selection(applications=(ONLY_ADA, "Excel")), version="1").dataset_version
    captured(ada, "Chrome")
    second = create("desk", Selection(applications=(ONLY_ADA, "Chrome")), version="2").dataset_version
    at = BEGIN + timedelta(days=1)
    with writer() as connection, transaction(connection):
        for name, read in (("both", [first, second]), ("one", [first]), ("twice", [second, second])):
            train(connection, ModelVersion(name, "1", None, None, released_at=at), read, at)
    client = api(ada)
    shown = {model["model"]: model for model in client.get("/v1/me/models").json()}
    told = {name: (each["captures"], each["at_least"]) for name, each in shown.items()}
    assert told == {"both": (12, False), "one": (8, False), "twice": (8, False)}
    erase(client, applications=["Excel"])
    erase(client)
    shown = {model["model"]: model for model in client.get("/v1/me/models").json()}
    now = {name: (each["captures"], each["withdrawn"], each["at_least"]) for name, each in shown.items()}
    number = now["both"][0]
    assert now == {"both": (number, number, True), "one": (8, 8, False), "twice": (8, 8, False)}
    assert 8 <= number <= 12
    least = f"both 1 was trained on at least {number} records of yours"
    assert shown["both"]["evidence_words"] == f"{least}."
    assert f"{least} that you had deleted" in shown["both"]["words"]
    assert "one 1 was trained on 8 records of yours that you had deleted" in shown["one"]["words"]
