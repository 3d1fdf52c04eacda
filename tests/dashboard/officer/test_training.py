"""The privacy office lists programs that asked to train, where that needs approval."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from directory import Employee
from governance.ai_models import training_approvals
from lake.datasets.making import Selection, create
from tests.dashboard.conftest import Capture, OpenApp, words
from tests.dashboard.requests.test_requests import press


def test_an_officer_approves_and_ends_a_training_export(
    open_app: OpenApp,
    person: Callable[..., Employee],
    capture: Capture,
    api: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENBOOK_TRAINING_APPROVAL_HOURS", "8")
    officer = person("ines@example.com", role="privacy_officer")
    capture(person("ada@example.com"), 9)
    made = create("desk **top**", Selection())
    assert "Training on records" not in words(open_app(officer, page="officer"))
    with pytest.raises(training_approvals.NeedsApproval):
        training_approvals.require("trainer", made)
    app = open_app(officer, page="officer")
    said = words(app)
    assert "for 9 records of 1 person" in said
    assert "desk **top**" not in said, "the name of a dataset is shown literally"
    app = press(app, "Approve it")
    training_approvals.require("trainer", made)
    assert "Approved until" in words(app)
    press(app, "End the approval")
    with pytest.raises(training_approvals.NeedsApproval):
        training_approvals.require("trainer", made)
