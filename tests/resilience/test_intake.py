"""Workers and senders are killed around every step of the intake: each accepted record is stored and counted once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from governance.intake import batches, landing, storing
from governance.intake.taking import Taking
from lake.rules.policies import apply_policies
from lake.storage.connection import writer
from lake.storage.shards.moving import spread
from tests.governance.conftest import wait_until
from tests.governance.intake.conftest import body_of, captures, record
from tests.resilience.lives import KILLED, Lives
from tests.resilience.traps import die, set_trap
from tests.support import forking
from tests.support.lake import POLICY
from tests.support.people import Company

AFTER_STORING = "after lake.storage.store:store_parts"
POINTS = (
    "before lake.ingest.ingesting:Ingestion.prepare_together",
    "before lake.storage.store:store_parts",
    AFTER_STORING,
    "before governance.intake.storing:_note",
    "after governance.intake.storing:_note",
)


@pytest.fixture(autouse=True)
def at_once(home: Path, person: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBOOK_INTAKE_SECONDS", "0")
    with writer() as connection:
        apply_policies(connection, [POLICY])
    person("ada@example.com")
    person("bob@example.com")


def taken(numbers: range, key: str = "", people: Sequence[str] = ("ada@example.com", "bob@example.com")) -> UUID:
    taking = Taking("recorder", key or str(uuid4()), 0)
    taking.take(body_of(record(number, email=people[number % len(people)]) for number in numbers))
    return taking.finish()


def test_workers_killed_at_every_step(lives: Lives) -> None:
    sent: list[UUID] = []
    for number, point in enumerate(POINTS):
        sent.append(taken(range(number * 10, number * 10 + 12)))  # two of them are in the next one, too
        worker = lives.worker(point)
        worker.join(120)
        assert worker.exitcode == KILLED, point
    worker = lives.worker()
    wait_until(lambda: all(batches.of_service(batch, "recorder").state == "stored" for batch in sent))
    wait_until(lambda: landing.names() == [])
    worker.terminate()
    worker.join(60)
    assert len(captures()) == len(POINTS) * 10 + 2
    counts = [batches.of_service(batch, "recorder").counts for batch in sent]
    assert [one.stored + one.already_known for one in counts] == [12] * len(POINTS)
    assert sum(one.stored for one in counts) == len(captures())


def test_workers_of_a_divided_lake_are_killed(lives: Lives, person: Company) -> None:
    several_workers_store_once(lives, person, POINTS[::2])


def several_workers_store_once(lives: Lives, person: Company, points: Sequence[str]) -> None:
    """One is killed at each of these points, two go on, and people are moved between shards meanwhile."""
    spread(3)
    people = [f"person{number}@example.com" for number in range(9)]
    for one in people:
        person(one)
    sent: list[UUID] = []
    others = [lives.worker() for _ in range(2)]
    for point, shards in zip(points, (2, 4, 3), strict=False):
        dying, before = lives.worker(point), len(sent)
        while dying.exitcode is None:
            assert len(sent) < before + 100, f"no worker comes to {point}"
            at = len(sent) * 30
            sent.append(taken(range(at, at + 36), people=people))  # six are in the next one, too
            spread(shards)
            dying.join(0.5)
        assert dying.exitcode == KILLED, point
    wait_until(lambda: all(batches.of_service(batch, "recorder").state == "stored" for batch in sent), 120)
    wait_until(lambda: landing.names() == [])
    for worker in others:
        worker.terminate()
        worker.join(60)
        assert worker.exitcode == 0
    assert len(captures()) == 30 * len(sent) + 6
    counts = [batches.of_service(batch, "recorder").counts for batch in sent]
    assert [one.stored + one.already_known for one in counts] == [36] * len(sent)
    assert sum(one.stored for one in counts) == len(captures())


@pytest.mark.parametrize(
    "point",
    ["before governance.intake.landing:LandingFile.land", "after governance.intake.landing:LandingFile.land"],
)
def test_a_sender_is_killed_before_its_answer(point: str) -> None:
    key = str(uuid4())
    process = forking.start(_dying, point, key)
    process.join(60)
    assert process.exitcode == KILLED
    assert len(landing.names()) == 1
    storing.tidy()
    assert landing.names() == []
    batch = taken(range(5), key)
    storing.store_due()
    assert batches.of_service(batch, "recorder").counts.stored == 5


def test_a_sender_is_killed_after_its_batch_is_on_disk() -> None:
    key = str(uuid4())
    process = forking.start(_dying, "after governance.intake.landing:LandingFile.release", key)
    process.join(60)
    assert process.exitcode == KILLED
    storing.tidy()
    assert len(landing.names()) == 1
    batch = taken(range(5), key)
    storing.store_due()
    assert (batches.of_service(batch, "recorder").counts.stored, len(captures())) == (5, 5)


def _dying(point: str, key: str) -> None:
    set_trap(point, die)
    taken(range(5), key)
