"""All of a person's questions are answered from their captures alone."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pandas as pd
import pytest

import clock
import queries
from directory import Employee, InvalidToken, UnknownPerson
from lake.lineage import violations
from lake.lineage.graph import (
    DatasetVersion,
    ModelVersion,
    collect_slices,
    record_dataset_version,
    record_model_version,
)
from lake.lineage.model_graph import ModelGraph
from lake.rules import erasure
from lake.rules.policies import Policy, apply_policies
from lake.rules.scope import Scope
from lake.storage.connection import transaction, writer
from queries import Lineage, Own, Size
from queries.export import captures_batches
from queries.lineage import DatasetsRead
from queries.search import Filters, Query
from tests.lake.rows import MORNING, change, every_minute, place_hold, put
from tests.support.lineage import train
from tests.support.people import Company

MODEL = ModelVersion("assistant", "1.0", "suggestions", "Vendor", MORNING)
OF_BEN = ModelVersion("another", "1.0", "suggestions", "Vendor", MORNING)
LATER = ModelVersion("assistant", "1.1", "suggestions", "Vendor", MORNING)
POLICY = Policy(
    "assistant", "Assistant rule", "training", "GDPR 6(1)(f)", ["mouse_click"], ["Excel"], [], 30, MORNING.date()
)


def fill(subject: UUID, model: ModelVersion = MODEL) -> UUID:
    """Data for every question to find; returns the dataset version that it is in."""
    dataset = DatasetVersion("everything", str(uuid4()), "training", MORNING)
    with writer() as connection:
        put(connection, subject, every_minute(30, signal="mouse_click"))
        put(connection, subject, every_minute(1, MORNING + timedelta(minutes=40), signal="screenshot"))
        place_hold(connection, subject)
        request = uuid4()
        scope = Scope(until_at=MORNING + timedelta(minutes=5))
        day = MORNING.date()
        with transaction(connection):
            record_dataset_version(connection, dataset, collect_slices(connection, day, day, ["mouse_click"]))
            train(connection, model, [dataset.dataset_version], MORNING)
        place_hold(connection, subject, lifted_at=MORNING)
        erasure.write_tombstone(connection, subject, scope, request, MORNING + timedelta(days=1))
        change(
            connection,
            subject,
            "insert into removals values (uuid(), $s, $at, 'erasure', uuid(), 'p', 'scroll', 'Excel', $at, $at, 9)",
            {"s": subject, "at": MORNING},
        )
        change(
            connection,
            subject,
            "insert into refused values (uuid(), $s, $at, 'scroll', 'policy', null, 1)",
            {"s": subject, "at": MORNING},
        )
        connection.execute(
            "insert into mentions values (uuid(), $s, $at, 'message', 'Slack', 'mentioned', $at::date + 30)",
            {"s": subject, "at": MORNING + timedelta(hours=1)},
        )
        change(
            connection,
            subject,
            "insert into batches values (uuid(), $s, 'ui-log/1', $at, 1, 1, 0, 0, 0, 0, 0, 0, 0)",
            {"s": subject, "at": MORNING},
        )
        with transaction(connection):
            regardless = train(connection, LATER, [dataset.dataset_version], clock.now_utc() + timedelta(days=1))
            violations.find(connection, [regardless], clock.now_utc())
    return dataset.dataset_version


def answers(own: Own, dataset: UUID) -> dict[str, Any]:
    """Every question of `Own`, asked."""
    arguments: dict[str, tuple[Any, ...]] = {
        name: (Scope(),)
        for name in ("count", "records", "mouse_path", "datasets_affected", "minutes", "pointer_heat", "pace")
    }
    arguments["captures_per"] = (Scope(), Size.HOUR)
    arguments["matched"] = (Scope(), MORNING + timedelta(days=1))
    arguments["model_slices"] = (MODEL.model_version,)
    arguments["datasets_read"] = (MODEL.model_version, 0, 100)
    arguments["membership"] = (dataset,)
    arguments["screenshots"] = (Scope(), 6)
    arguments["search"] = (Query.of("secret"), Filters())
    asked = {
        name: getattr(own, name)(*arguments.get(name, ()))
        for name, member in inspect.getmembers(own, inspect.ismethod)
        if not name.startswith("_") and name not in ("of", "at_once", "picture", "records_by_id")  # they need an id
    }
    asked["export"] = [batch.to_pylist() for batch in captures_batches(own, Scope())]
    return asked


def plain(answer: Any) -> Any:
    """The person's own part of the answer, as values."""
    if isinstance(answer, ModelGraph):
        return None
    if isinstance(answer, DatasetsRead):
        return plain(answer.own)  # the list of what a model read is the same for everyone
    if isinstance(answer, Lineage):
        return answer.datasets, answer.models
    if isinstance(answer, tuple):
        return [plain(each) for each in answer]
    return answer.to_dict("records") if isinstance(answer, pd.DataFrame) else answer


def test_another_persons_captures_change_no_answer(person: Company, token_for: Callable[..., str]) -> None:
    ada, ben = person("ada@example.com"), person("ben@example.com")
    with writer() as connection:
        apply_policies(connection, [POLICY])
        with transaction(connection):
            record_model_version(connection, MODEL)
    dataset = fill(ada.subject)
    own = queries.sign_in(token_for(ada))
    before = answers(own, dataset)
    for name, answer in before.items():
        assert len(answer) if isinstance(answer, pd.DataFrame) else answer, f"{name} finds nothing"
    fill(ben.subject, OF_BEN)
    after = answers(own, dataset)
    datasets_of_ben = after["models"]["captures"] == 0
    after["models"] = after["models"][~datasets_of_ben]
    assert {name: plain(answer) for name, answer in after.items()} == {
        name: plain(answer) for name, answer in before.items()
    }


def test_no_question_takes_a_subject() -> None:
    for name, member in inspect.getmembers(Own, inspect.isfunction):
        if name != "__init__":
            assert not {"subject", "person", "employee", "email"} & set(inspect.signature(member).parameters), name


def test_signing_in_needs_a_good_token_of_a_known_person(person: Company, token_for: Callable[..., str]) -> None:
    ada: Employee = person("ada@example.com")
    assert queries.sign_in(token_for(ada)).signed_in.employee == ada
    with pytest.raises(InvalidToken):
        queries.sign_in("x")
    with pytest.raises(UnknownPerson):
        queries.sign_in(token_for("stranger"))
