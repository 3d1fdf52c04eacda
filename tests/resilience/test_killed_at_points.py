"""Workers are killed at every point of the work, one after another; then one survives and finishes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import UUID

import pytest

from governance import ledger
from governance.db.database import reading
from lake.ingest.archiving import ingest_archive
from tests.governance.conftest import START, Capture, Client, wait_until
from tests.governance.indirect.test_indirect import BOB, workspace
from tests.lake.ingesting import allow, stored
from tests.lake.rows import purge_is_due
from tests.resilience import world
from tests.resilience.lives import KILLED, Lives
from tests.support.people import Company

PATIENCE_SECONDS = 120.0


def around(*places: str) -> list[str]:
    """Killed before each place, and after it."""
    return [f"{when} {place}" for place in places for when in ("before", "after")]


BEGINNING = around("governance.requests.progress:_begin")
ENDING = [
    *around("governance.receipts.issuing:issue"),
    "after governance.requests.progress:end",
    "after governance.requests.progress:attempt_each",
]

ERASURE = [
    *BEGINNING,
    *around("lake.rules.erasure:write_tombstones"),
    "after governance.fulfilment.erasure:write_tombstones",
    *around("lake.rules.removal:remove_captures"),
    "after lake.rules.erasure:remove_all",
    *around("directory.keys:KeyRing.destroy_content_key"),
    "after governance.fulfilment.erasure:_destroy_keys",
    "after governance.fulfilment.erasure:remove",
    *around("lake.storage.maintenance:rewrite_files"),
    "after lake.storage.maintenance:expire_snapshots",
    "after lake.storage.maintenance:delete_files",
    "after lake.storage.maintenance:refresh_column_bounds",
    "after lake.storage.maintenance:rebuild_catalog",
    "after governance.fulfilment.erasure:purge",
    "after lake.rules.erasure:verify_erased",
    "after governance.fulfilment.erasure:set_models",
    *around("governance.fulfilment.erasure:delete_exports"),
    "after governance.opendsr.notifying:notify",
    "after governance.backup.state:record",
    *around("governance.receipts.issuing:issue"),
    "after governance.requests.progress:end_all",
    "after governance.requests.progress:attempt_many",
]

EXPORT = [*BEGINNING, *around("governance.export.write:write_export"), *ENDING]

SWEEP = [
    *around("lake.rules.removal:remove_captures"),
    *around("lake.storage.maintenance:rewrite_files"),
    "after lake.storage.maintenance:merge_files",
    "after lake.storage.maintenance:delete_files",
    "after lake.storage.maintenance:rebuild_catalog",
    "after lake.rules.retention:sweep",
    "after governance.rounds.retention:_note",
]

MASKING = [
    *BEGINNING,
    "after governance.fulfilment.masking:mask_due",
    *around("lake.masking:_replace"),
    "after lake.masking:mask_some",
    *around("lake.storage.maintenance:rewrite_files"),
    "after lake.storage.maintenance:delete_files",
    "after lake.storage.maintenance:rebuild_catalog",
    *ENDING,
]


def killed_at(lives: Lives, points: Iterable[str]) -> None:
    """One worker at a time, each killed at its point."""
    for point in points:
        worker = lives.worker(point)
        worker.join(PATIENCE_SECONDS)
        assert worker.exitcode == KILLED, point


def left_alive(lives: Lives, done: Callable[[], bool]) -> None:
    """A worker that is not killed, until the condition holds."""
    worker = lives.worker()
    wait_until(done, PATIENCE_SECONDS)
    wait_until(lambda: not world.under_way(), 10)
    worker.terminate()
    worker.join(PATIENCE_SECONDS)


def file(client: Client, person: object, kind: str, **scope: object) -> UUID:
    return UUID(client(person).post("/v1/requests", json={"type": kind, "scope": scope}).json()["id"])  # type: ignore[arg-type]


@pytest.mark.timeout(900)  # many workers, one after another
def test_erasures_are_worked_on_together(
    api: Client, person: Company, capture: Capture, hold: Callable[..., UUID], lives: Lives
) -> None:
    ada, bob, carl, dora = (person(f"{name}@example.com") for name in ("ada", "bob", "carl", "dora"))
    for somebody in (ada, bob, carl, dora):
        capture(somebody, 5)
        capture(somebody, 4, application="Chrome")
    hold(carl, ["Chrome"])
    export = file(api, ada, "export")
    left_alive(lives, lambda: world.all_ended() and world.swept_today())
    for somebody in (ada, bob, carl):
        file(api, somebody, "erasure")
    part = file(api, bob, "erasure", applications=["Excel"])
    killed_at(lives, ERASURE)
    left_alive(lives, world.all_ended)
    world.check(put=36)
    assert [world.captures_of(somebody.subject) for somebody in (ada, bob, carl, dora)] == [0, 0, 4, 9]
    assert [world.has_key(somebody.subject) for somebody in (ada, bob, carl, dora)] == [False, False, True, True]
    mine = [row["id"] for row in api(bob).get("/v1/requests").json()]
    outcomes = {key: api(bob).get(f"/v1/requests/{key}").json() for key in mine}
    assert sum(row["outcome"]["erased"] for row in outcomes.values()) == 9
    assert outcomes[str(part)]["outcome"]["erased"] == 0
    assert all(row["outcome"]["content_key_destroyed"] for row in outcomes.values() if row["id"] != str(part))
    assert api(ada).get(f"/v1/requests/{export}/export").status_code == 410
    assert len(api(dora).get("/v1/me/captures").json()["captures"]) == 9


def test_an_export(api: Client, person: Company, capture: Capture, lives: Lives) -> None:
    ada = person()
    capture(ada, 5)
    export = file(api, ada, "export")
    killed_at(lives, EXPORT)
    left_alive(lives, world.all_ended)
    world.check(put=5)
    assert api(ada).get(f"/v1/requests/{export}/export").content.startswith(b"PK")


def test_a_retention_sweep(
    api: Client, person: Company, capture: Capture, hold: Callable[..., UUID], lives: Lives
) -> None:
    ada, bob = person("ada@example.com"), person("bob@example.com")
    long_ago = START.replace(year=START.year - 11)
    for somebody in (ada, bob):
        capture(somebody, 3, start=long_ago)
        capture(somebody, 2)
    capture(ada, 4, application="Chrome", start=long_ago)
    hold(ada, ["Chrome"])
    killed_at(lives, SWEEP)
    left_alive(lives, world.swept_today)
    world.check(put=14)
    assert [world.captures_of(somebody.subject) for somebody in (ada, bob)] == [6, 2]
    with reading() as session:
        entries = [ledger.log.statement_of(session, index) for index in range(ledger.log.size(session))]
    [told] = [entry[2] for entry in entries if entry is not None and entry[2]["kind"] == "retention"]
    assert (told["removed"], told["people"], told["held"]) == (6, 2, 4)


def test_masking_a_name(api: Client, person: Company, capture: Capture, lives: Lives, tmp_path: Path) -> None:
    ada, bob, carl = (person(f"{name}@example.com", name=f"{name.title()} Lane") for name in ("ada", "bob", "carl"))
    officer = api(person("olga@example.com", role="privacy_officer"))
    allow(["Slack"])
    space = workspace()
    for number in range(3):
        space.say("general", BOB, f"<@U00000001> Ada Lane, number {number}")
    ingest_archive("slack", str(space.write(tmp_path / "export.zip")))
    capture(carl, 2)
    request = file(api, ada, "masking")
    assert officer.post(f"/v1/requests/{request}/decision", json={"decision": "approve"}).status_code == 200
    killed_at(lives, MASKING)
    left_alive(lives, lambda: world.all_ended() and not purge_is_due())
    world.check(put=5)
    said = [(each.content or {})["message"] for each in stored(bob.subject)]
    assert said == [f"@someone [name removed], number {number}" for number in range(3)]
    assert world.captures_of(carl.subject) == 2
