"""Exports and erasures of one person that meet: no copy of what was erased stays, and nothing else is lost."""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Callable
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest

import queries
from directory.keys import KeyRing
from governance.db import database
from governance.export import ExportDoesNotAddUp, write_export
from governance.export.page import render_page
from governance.export.sealed_file import draft_path
from governance.fulfilment import export as exporting
from governance.fulfilment.erasure import EACH, TOGETHER, bury, remove
from governance.opendsr.telling import tell
from governance.requests.progress import JointStep, attempt, attempt_each, begin
from tests.governance.conftest import Capture, Client
from tests.support.people import Company

Work = Callable[[], subprocess.Popen[bytes]]


def erase(request_id: UUID, *before: JointStep) -> None:
    """Carry out the steps of an erasure, after some of them alone, here and now."""
    for step in (*before, *TOGETHER):
        assert attempt(step, [request_id]) is None
    assert attempt_each(EACH, request_id) is None


@pytest.mark.parametrize("counted", ["alike", "differently"])
def test_an_export_that_an_erasure_overtook_is_thrown_away(
    api: Client, person: Company, capture: Capture, monkeypatch: pytest.MonkeyPatch, counted: str
) -> None:
    ada = person()
    capture(ada, 3)
    client = api(ada)
    export, erasure = (
        UUID(client.post("/v1/requests", json={"type": kind}).json()["id"]) for kind in ("export", "erasure")
    )
    begin(export)
    begin(erasure)

    def while_an_erasure_is_buried(*arguments, **named):  # type: ignore[no-untyped-def]
        file = write_export(*arguments, **named)
        bury([erasure])
        if counted == "differently":
            raise ExportDoesNotAddUp("captures: the catalogue lists 0, but 3 were written")
        return file

    with monkeypatch.context() as patch:
        patch.setattr(exporting, "write_export", while_an_erasure_is_buried)
        reason = attempt(exporting.write, export)
    assert reason is not None
    assert "written anew" in reason
    assert not database.export_path(export).exists()
    assert client.get(f"/v1/requests/{export}").json()["state"] == "in_progress"
    erase(erasure)
    assert attempt(exporting.write, export) is None
    assert client.get(f"/v1/requests/{export}").json()["export"]["available"]


def test_no_export_is_begun_while_an_erasure_is_under_way(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada, 3)
    client = api(ada)
    erasure, export = (
        UUID(client.post("/v1/requests", json={"type": kind}).json()["id"]) for kind in ("erasure", "export")
    )
    begin(erasure)
    begin(export)
    bury([erasure])
    reason = attempt(exporting.write, export)
    assert reason is not None
    assert "being erased just now" in reason
    assert not database.export_path(export).exists()
    erase(erasure)
    assert attempt(exporting.write, export) is None
    assert client.get(f"/v1/requests/{export}/export").status_code == 200


def test_an_export_is_written_while_an_erasure_waits_for_a_processor_and_outlives_its_end(
    api: Client, person: Company, capture: Capture
) -> None:
    ada = person()
    capture(ada, 3)
    client = api(ada)
    erasure, export = (
        UUID(client.post("/v1/requests", json={"type": kind}).json()["id"]) for kind in ("erasure", "export")
    )
    begin(erasure)
    begin(export)
    for step in TOGETHER:
        assert attempt(step, [erasure]) is None
    assert attempt_each(EACH[: EACH.index(tell)], erasure) is None
    assert attempt(exporting.write, export) is None
    erase(erasure)
    assert client.get(f"/v1/requests/{erasure}").json()["outcome"]["content_key_destroyed"]
    assert client.get(f"/v1/requests/{export}/export").status_code == 200


def test_an_export_under_a_key_that_is_gone_is_not_handed_out(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = person()
    client = api(ada)
    export = UUID(client.post("/v1/requests", json={"type": "export"}).json()["id"])
    begin(export)

    def while_the_key_is_destroyed(*arguments, **named):  # type: ignore[no-untyped-def]
        file = write_export(*arguments, **named)
        with closing(KeyRing()) as keys:
            keys.destroy_content_key(ada.subject)
            keys.create_content_key(ada.subject)
        return file

    monkeypatch.setattr(exporting, "write_export", while_the_key_is_destroyed)
    reason = attempt(exporting.write, export)
    assert reason is not None
    assert "written anew" in reason
    assert not database.export_path(export).exists()
    assert client.get(f"/v1/requests/{export}").json()["state"] == "in_progress"


def test_an_export_file_that_was_never_recorded_goes_with_an_erasure(
    api: Client, person: Company, capture: Capture
) -> None:
    ada = person()
    capture(ada, 3)
    client = api(ada)
    export, erasure = (
        UUID(client.post("/v1/requests", json={"type": kind}).json()["id"]) for kind in ("export", "erasure")
    )
    path = database.export_path(export)
    write_export(queries.for_request(ada.subject), export, path)  # killed before it was recorded
    draft = draft_path(path)
    draft.write_bytes(b"sealed")
    begin(erasure)
    erase(erasure)
    assert client.get(f"/v1/requests/{erasure}").json()["outcome"]["exports_deleted"] == 0
    assert not path.exists()
    assert not draft.exists()


def test_an_export_that_can_not_be_recorded_leaves_no_file(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = UUID(api(person()).post("/v1/requests", json={"type": "export"}).json()["id"])
    begin(export)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(exporting, "end", full)
    reason = attempt(exporting.write, export)
    assert reason is not None
    assert "disk is full" in reason
    assert not database.export_path(export).exists()


def test_an_export_whose_draft_an_erasure_deleted_is_written_anew(
    api: Client, person: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = UUID(api(person()).post("/v1/requests", json={"type": "export"}).json()["id"])
    begin(export)

    def draft_goes(**page: Any) -> bytes:
        exporting.delete_file(export)
        return render_page(**page)

    with monkeypatch.context() as patch:
        patch.setattr("governance.export.write.render_page", draft_goes)
        reason = attempt(exporting.write, export)
    assert reason is not None
    assert "written anew" in reason
    assert attempt(exporting.write, export) is None


def test_no_key_is_said_to_be_destroyed_where_there_was_none(api: Client, person: Company) -> None:
    client = api(person())
    for scope in ({}, {"applications": ["Excel"]}):
        erasure = UUID(client.post("/v1/requests", json={"type": "erasure", "scope": scope}).json()["id"])
        begin(erasure)
        erase(erasure)
        assert client.get(f"/v1/requests/{erasure}").json()["outcome"]["content_key_destroyed"] is False


def test_that_the_key_was_destroyed_is_still_told_after_a_repeated_step(
    api: Client, person: Company, capture: Capture
) -> None:
    ada = person()
    capture(ada, 3)
    client = api(ada)
    erasure = UUID(client.post("/v1/requests", json={"type": "erasure"}).json()["id"])
    begin(erasure)
    erase(erasure, bury, remove)
    assert client.get(f"/v1/requests/{erasure}").json()["outcome"]["content_key_destroyed"] is True
