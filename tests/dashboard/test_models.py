"""Models: which, how many, how well it is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from directory import Employee
from lake.connection import writer
from lake.lineage import ModelVersion
from tests.dashboard.conftest import AT, Capture, OpenApp, words
from tests.support import lineage

DAY = AT.date()


def record_model(
    employee: Employee | None, events: int, name: str, *, manifest: bool = True, dataset: bool = True
) -> UUID:
    """A model version 1.0; `employee`: whose captures were in its dataset version."""
    released = datetime(2026, 4, 1)  # noqa: DTZ001
    model = ModelVersion(name, "1.0", "Reply drafting", "Inkwell (vendor)", released)
    slices = [(employee.subject, DAY, "keystroke", "Excel", events)] if employee else []
    with writer() as connection:
        read = (
            [lineage.dataset(connection, "replies", f"3 for {name}", released, slices if manifest else None)]
            if dataset
            else []
        )
        lineage.train(connection, model, read, released)
    return model.model_version


def test_each_evidence_has_its_words(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    capture(ada, 12)
    model_version = record_model(ada, 12, "Quill")
    record_model(None, 0, "Lumen", manifest=False)
    record_model(None, 0, "Sable", dataset=False)
    record_model(bob, 777, "Amber")
    app = open_app(ada, page="models")
    said = words(app)
    assert "1 model version was trained on captures of yours, which is proven. 1 more may have been." in said
    assert "For 1 model version, nobody recorded it." in said
    assert "**Trained on 12 captures of yours.** The training run recorded exactly what it read" in said
    assert "Your captures may have been part of it." in said
    assert "We can neither show nor rule out" in said
    assert "nothing of yours in it" in said
    assert "12 captures of yours, from 2 March 2026 to 2 March 2026" in said
    assert "777" not in said
    assert [card.value.split()[0] for card in app.header] == ["Quill", "Lumen", "Sable", "Amber"]
    overview = words(open_app(ada))
    assert "1 model version was trained on captures of yours, which is proven. 1 more may have been." in overview
    app = app.toggle(key=f"model_opened-{model_version}").set_value(True).run()
    assert "Yours came from Excel (12)." in words(app)


def test_without_any_model_it_says_so(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada)
    assert "No model is known yet" in words(open_app(ada, page="models"))


def test_names_of_models_are_inert(open_app: OpenApp, person: Callable[..., Employee], capture: Capture) -> None:
    ada = person()
    capture(ada)
    record_model(ada, 1, "![x](http://evil/x.png)")
    assert "![x]" not in words(open_app(ada, page="models"))
