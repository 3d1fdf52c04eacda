"""Workers, the API, ingestion, sweeps, backups and restores are killed at random while all kinds of work run.

`RANDOM_KILLS` in the environment is the number of processes to kill. From time to time the trial pauses: everything
ends, each promise is checked, and the home is replaced by its backup while that is killed, too. Everything that was
acknowledged must exist exactly once.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

import queries.connection
from governance.api import service_tokens
from governance.api.service_tokens import Scope
from governance.db import database, work_queue
from governance.db.database import reading
from governance.db.tables import RequestRow
from tests.governance.conftest import wait_until
from tests.resilience import participants as everybody
from tests.resilience import world
from tests.resilience.lives import Lives
from tests.resilience.participants import Officer
from tests.resilience.traffic import Participant, Trial
from tests.support.people import Company
from tests.support.ports import free_ports

KILLS = int(os.environ.get("RANDOM_KILLS", "8"))
RESTS_AFTER = int(os.environ.get("RANDOM_KILLS_BEFORE_REST", "150"))
PATIENCE_SECONDS = 300.0
STANDING = {"worker": Lives.worker, "another worker": Lives.worker, "api": Lives.api}


@pytest.fixture
def trial(
    home: Path,
    person: Company,
    token_for: Callable[..., str],
    lives: Lives,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Trial]:
    [port] = free_ports(1)
    token, line = service_tokens.make("pipeline", [Scope.LINEAGE_WRITE, Scope.DATASETS_CREATE])
    for name, value in {
        "OPENBOOK_API_PORT": str(port),
        "OPENBOOK_SERVICE_TOKENS": line,
        "OPENBOOK_BACKUP_FOLDER": str(tmp_path / "backups"),
    }.items():
        monkeypatch.setenv(name, value)

    def lasting(who: object) -> str:
        return token_for(who, exp=int(time.time()) + 7 * 24 * 3600)

    (tmp_path / "backups").mkdir()
    seed = int(os.environ.get("RANDOM_SEED", str(time.time_ns())))
    made = Trial(f"http://localhost:{port}", person, lasting, token, lives, tmp_path, seed)
    yield made
    made.stop.set()
    made.given_up.set()


def begin(trial: Trial) -> None:
    for name, life in STANDING.items():
        trial.alive[name] = life(trial.lives)


def kill_at_random(trial: Trial, dice: random.Random, killed: Counter[str], until: int) -> None:
    """Kill running processes, one at a time or all at once, until that many were killed."""
    while killed.total() < until:
        time.sleep(dice.uniform(0.05, 1.5))
        running = sorted(trial.alive.items())
        for name, process in running if dice.random() < 0.1 else [dice.choice(running)]:
            process.kill()
            killed[name] += 1
            if name in STANDING:
                process.join()
                trial.alive[name] = STANDING[name](trial.lives)


def rests() -> bool:
    try:
        return world.all_ended() and not world.under_way()
    except OperationalError:  # after a restore the first worker creates the queue's tables
        return False


def work_for_a_while(trial: Trial, participants: Sequence[Participant], kill: Callable[[], None]) -> None:
    trial.stop.clear()
    threads = [threading.Thread(target=each.run, name=type(each).__name__, daemon=True) for each in participants]
    for thread in threads:
        thread.start()
    kill()
    trial.stop.set()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive(), thread.name
    [officer] = [each for each in participants if isinstance(each, Officer)]
    officer.decide()
    wait_until(rests, PATIENCE_SECONDS)


def check(trial: Trial, participants: Sequence[Participant]) -> None:
    trial.command("sweep", "lake", "sweep")  # a killed ingestion leaves unreferenced files until the next sweep
    for each in participants:
        each.check()
    world.check(trial.put)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(RequestRow)) == trial.requests


def replace_by_backup(trial: Trial, dice: random.Random, killed: Counter[str]) -> None:
    """Back up and restore, both killed midway, while nothing else runs."""
    trial.command("backup", "governance", "backup")
    for name in STANDING:
        trial.alive[name].kill()
        trial.alive[name].join()
    queries.connection.close()
    work_queue.close()
    database.close()
    statuses = set()
    for deadly in (True, True, False):
        process = trial.start("restore", "governance", "restore", "--replace")
        process.join(dice.uniform(0.5, 4.0) if deadly else PATIENCE_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
            killed["restore"] += 1
        statuses.add(trial.status("restore"))
    assert {"0"} <= statuses <= {"0", None}, statuses
    trial.counts["restore"] += 1
    begin(trial)


@pytest.mark.timeout(600 + 10 * KILLS)
def test_everything_acknowledged_exists_once(trial: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    dice, killed = random.Random(trial.seed), Counter[str]()
    participants = [each(trial) for each in everybody.ALL]
    begin(trial)
    for until in [*range(RESTS_AFTER, KILLS, RESTS_AFTER), KILLS]:
        work_for_a_while(trial, participants, lambda until=until: kill_at_random(trial, dice, killed, until))  # type: ignore[misc]
        check(trial, participants)
        replace_by_backup(trial, dice, killed)
        wait_until(rests, PATIENCE_SECONDS)
        check(trial, participants)
        print(f"{killed.total()} killed, {dict(trial.counts)}: all there, once", file=sys.stderr)
    with capsys.disabled():
        print(f"\nkilled {killed.total()} {dict(killed)}; acknowledged {dict(trial.counts)}; seed {trial.seed}")
