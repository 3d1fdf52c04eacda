"""The disk is full during the work, or the key is wrong: it is reported, retried, and nothing is lost."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import select

from directory.keys import WrongMasterKey
from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State
from tests.governance.conftest import Capture, Client, wait_until
from tests.governance.working import due_now
from tests.resilience import world
from tests.resilience.lives import Lives
from tests.resilience.test_killed_at_points import PATIENCE_SECONDS, file, left_alive
from tests.support.people import Company

FULL_AT = [
    "before lake.rules.erasure:write_tombstones",
    "after lake.rules.removal:remove_captures",
    "before lake.storage.maintenance:rewrite_files",
    "before lake.storage.maintenance:rebuild_catalog",
    "before governance.fulfilment.export:delete_file",
]
WORDS = "The disk is full. We retry automatically; nothing is lost."


def failures() -> set[str | None]:
    with reading() as session:
        return set(session.scalars(select(RequestRow.failure).where(RequestRow.state == State.FAILED)))


def test_a_full_disk_is_reported_and_work_retried(api: Client, person: Company, capture: Capture, lives: Lives) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    for somebody in (ada, bob):
        capture(somebody, 5)
    file(api, ada, "export")
    left_alive(lives, world.all_ended)
    request = file(api, ada, "erasure")
    for point in FULL_AT:
        due_now()
        worker = lives.worker(point, full=True)
        wait_until(lambda: failures() == {WORDS}, PATIENCE_SECONDS)
        worker.kill()
        worker.join()
        shown = api(ada).get(f"/v1/requests/{request}").json()
        assert (shown["state"], shown["failure"]) == ("failed", WORDS)
    due_now()
    left_alive(lives, world.all_ended)
    world.check(put=10)
    assert [world.captures_of(somebody.subject) for somebody in (ada, bob)] == [0, 5]


def test_files_that_cannot_grow(api: Client, person: Company, capture: Capture, lives: Lives) -> None:
    """All writes beyond a file size fail: ours, SQLite's and DuckDB's."""
    ada, bob = person("ada@example.com"), person("bob@example.com")
    for somebody in (ada, bob):
        capture(somebody, 300)
    file(api, bob, "export")
    file(api, ada, "erasure")
    for largest in (4_000, 40_000, 150_000, 400_000):
        worker = lives.worker(largest_file=largest)
        worker.join(6)
        worker.kill()
        worker.join()
        due_now()
    left_alive(lives, world.all_ended)
    world.check(put=600)
    assert [world.captures_of(somebody.subject) for somebody in (ada, bob)] == [0, 300]


def test_a_wrong_master_key_stops_dependent_work_without_damage(
    api: Client, person: Company, capture: Capture, lives: Lives, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    for somebody in (ada, bob):
        capture(somebody, 5)
    export, _ = file(api, ada, "export"), file(api, bob, "erasure")
    with monkeypatch.context() as patch:
        patch.setenv("OPENBOOK_MASTER_KEY", base64.b64encode(bytes(32)).decode())
        worker = lives.worker()
        wait_until(failures, PATIENCE_SECONDS)
        worker.kill()
        worker.join()
        assert all("not the right one" in (failure or "") for failure in failures())
        assert api(ada).get("/v1/me/captures").status_code == 503
        with pytest.raises(WrongMasterKey):
            capture(person("carl@example.com"))
    due_now()
    left_alive(lives, world.all_ended)
    world.check(put=10)
    assert api(ada).get(f"/v1/requests/{export}/export").content.startswith(b"PK")
    assert [world.captures_of(somebody.subject) for somebody in (ada, bob)] == [5, 0]
