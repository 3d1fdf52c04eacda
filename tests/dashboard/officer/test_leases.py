"""The privacy office lists what programs may read as files, and ends it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from directory import Employee
from governance.leases import asking
from governance.leases import writing as worker
from lake.datasets.making import Selection, create
from lake.storage.objects import Area, store
from tests.dashboard.conftest import Capture, OpenApp, words
from tests.dashboard.requests.test_requests import press


def test_an_officer_deletes_the_files_of_a_lease(
    open_app: OpenApp, person: Callable[..., Employee], capture: Capture, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBOOK_TRAINING_LEASE_HOURS", "8")
    officer = person("ines@example.com", role="privacy_officer")
    capture(person("ada@example.com"), 9)
    assert "Files for training" not in words(open_app(officer, page="officer"))
    asking.ask("train **er**", create("desk **top**", Selection()), None)
    worker.passes.make()
    assert store(Area.TRAINING).all()
    app = open_app(officer, page="officer")
    assert "may read the records of a dataset as files" in words(app)
    assert "**top**" not in words(app), "names are shown literally"
    app = press(app, "Delete the files now")
    assert store(Area.TRAINING).all() == []
    assert "The files are deleted." in [each.value for each in app.success], "said in the page, until something else is"
    assert "The files are deleted." not in words(app.switch_page("views/help.py").run())
    app = open_app(officer, page="officer")
    assert "Files for training" not in words(app)
