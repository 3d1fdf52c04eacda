"""Concurrent exports and erasures of one person: no copy of what was erased remains, and nothing else is lost."""

from __future__ import annotations

import errno
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any
from uuid import UUID, uuid4

import pytest

import queries
from directory.keys import KeyRing, Oneself
from governance.db import database
from governance.export import ExportDoesNotAddUp, write_export
from governance.export.page import render_page
from governance.fulfilment import export as exporting
from governance.fulfilment.erasure import EACH, TOGETHER, remove, write_tombstones
from governance.opendsr.notifying import notify
from governance.requests.progress import JointStep, attempt, attempt_each, begin
from lake.storage.objects import Area
from lake.storage.objects.folder import draft_path
from tests.governance.conftest import Capture, Client
from tests.support.people import Company

Work = Callable[[], BaseProcess]


def erase(request_id: UUID, *before: JointStep) -> None:
    """Carry out the steps of an erasure in this process, some of them separately first."""
    for step in (*before, *TOGETHER):
        assert attempt(step, [request_id]) is None
    assert attempt_each(EACH, request_id) is None


@pytest.mark.parametrize("counted", ["alike", "differently"])
def test_export_overtaken_by_erasure_is_discarded(
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
        write_tombstones([erasure])
        if counted == "differently":
            raise ExportDoesNotAddUp("captures: the catalogue lists 0, but 3 were written")
        return file

    with monkeypatch.context() as patch:
        patch.setattr(exporting, "write_export", while_an_erasure_is_buried)
        reason = attempt(exporting.write, export)
    assert reason is not None
    assert "written again" in reason
    assert not database.export_file(export).exists()
    assert client.get(f"/v1/requests/{export}").json()["state"] == "in_progress"
    erase(erasure)
    assert attempt(exporting.write, export) is None
    assert client.get(f"/v1/requests/{export}").json()["export"]["available"]


def test_no_export_starts_during_an_erasure(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada, 3)
    client = api(ada)
    erasure, export = (
        UUID(client.post("/v1/requests", json={"type": kind}).json()["id"]) for kind in ("erasure", "export")
    )
    begin(erasure)
    begin(export)
    write_tombstones([erasure])
    reason = attempt(exporting.write, export)
    assert reason is not None
    assert "being erased just now" in reason
    assert not database.export_file(export).exists()
    erase(erasure)
    assert attempt(exporting.write, export) is None
    assert client.get(f"/v1/requests/{export}/export").status_code == 200


def test_export_during_processor_wait_is_kept(api: Client, person: Company, capture: Capture) -> None:
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
    assert attempt_each(EACH[: EACH.index(notify)], erasure) is None
    assert attempt(exporting.write, export) is None
    erase(erasure)
    assert client.get(f"/v1/requests/{erasure}").json()["outcome"]["content_key_destroyed"]
    assert client.get(f"/v1/requests/{export}/export").status_code == 200


def test_export_with_destroyed_key_is_not_served(api: Client, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = person()
    client = api(ada)
    export = UUID(client.post("/v1/requests", json={"type": "export"}).json()["id"])
    begin(export)

    def while_the_key_is_destroyed(*arguments, **named):  # type: ignore[no-untyped-def]
        file = write_export(*arguments, **named)
        keys = KeyRing()
        keys.destroy_content_key(ada.subject)
        keys.create_content_key(ada.subject, Oneself(ada.subject))
        return file

    monkeypatch.setattr(exporting, "write_export", while_the_key_is_destroyed)
    reason = attempt(exporting.write, export)
    assert reason is not None
    assert "written again" in reason
    assert not database.export_file(export).exists()
    assert client.get(f"/v1/requests/{export}").json()["state"] == "in_progress"


def test_unrecorded_export_is_deleted_by_an_erasure(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada, 3)
    client = api(ada)
    export, erasure = (
        UUID(client.post("/v1/requests", json={"type": kind}).json()["id"]) for kind in ("export", "erasure")
    )
    path = database.export_file(export)
    write_export(queries.for_request(ada.subject, uuid4()), export, path)  # killed before it was recorded
    draft = draft_path(Area.EXPORTS.folder / path.name)
    draft.write_bytes(b"sealed")
    begin(erasure)
    erase(erasure)
    assert client.get(f"/v1/requests/{erasure}").json()["outcome"]["exports_deleted"] == 0
    assert not path.exists()
    assert not draft.exists()


def test_unrecordable_export_leaves_no_file(api: Client, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    export = UUID(api(person()).post("/v1/requests", json={"type": "export"}).json()["id"])
    begin(export)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(exporting, "end", full)
    reason = attempt(exporting.write, export)
    assert reason is not None
    assert "disk is full" in reason
    assert not database.export_file(export).exists()


def test_export_restarts_after_draft_deletion(api: Client, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    export = UUID(api(person()).post("/v1/requests", json={"type": "export"}).json()["id"])
    begin(export)

    def draft_goes(**page: Any) -> bytes:
        exporting.delete_file(export)
        return render_page(**page)

    with monkeypatch.context() as patch:
        patch.setattr("governance.export.write.render_page", draft_goes)
        reason = attempt(exporting.write, export)
    assert reason is not None
    assert "written again" in reason
    assert attempt(exporting.write, export) is None


def test_no_key_destruction_is_reported_without_a_key(api: Client, person: Company) -> None:
    client = api(person())
    for scope in ({}, {"applications": ["Excel"]}):
        erasure = UUID(client.post("/v1/requests", json={"type": "erasure", "scope": scope}).json()["id"])
        begin(erasure)
        erase(erasure)
        assert client.get(f"/v1/requests/{erasure}").json()["outcome"]["content_key_destroyed"] is False


def test_key_destruction_is_reported_after_repetition(api: Client, person: Company, capture: Capture) -> None:
    ada = person()
    capture(ada, 3)
    client = api(ada)
    erasure = UUID(client.post("/v1/requests", json={"type": "erasure"}).json()["id"])
    begin(erasure)
    erase(erasure, write_tombstones, remove)
    assert client.get(f"/v1/requests/{erasure}").json()["outcome"]["content_key_destroyed"] is True
