"""A machine is cut off while it has the turn to write to the lake and works on a request: packets vanish, and nobody is
told. Meanwhile the other one does everything; later the first works again without a restart.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from databases import liveness, locks
from governance.db import worker_slots
from governance.db.database import reading
from governance.db.tables import RequestRow
from governance.domain.lifecycle import State
from tests.governance.conftest import wait_until
from tests.machines.apart.at_work import PATIENCE_SECONDS, Filing, Looking, Place, answers
from tests.support import hosts as apart
from tests.support import nginx
from tests.support.hosts import Host, Hosts

pytestmark = [
    pytest.mark.state_in_files,  # the fixture `home` of the folder above says where it is
    pytest.mark.skipif(not nginx.is_there(), reason="nginx is not installed here"),
    pytest.mark.skipif(bool(apart.why_not()), reason=apart.why_not()),
]

PEOPLE = 5, 2, 2
"""Who file a request before, meanwhile and afterwards."""
LONGER_SECONDS = 3.0
"""On a machine that does much else."""
SETTLED_SECONDS = 0.2
"""What was sent before has arrived."""
SESSIONS = "select count(*) from pg_stat_activity where client_addr = %s::inet"
TURN = """
    select count(*) from pg_locks join pg_stat_activity using (pid)
    where locktype = 'advisory' and granted and application_name = 'open-book-turn' and client_addr = %s::inet
"""
LOCKS = """
    select objid from pg_locks join pg_stat_activity using (pid)
    where locktype = 'advisory' and granted and classid = %s::bigint::oid and client_addr = %s::inet
"""
WORK = "select count(*) from dbos.workflow_status where status = 'PENDING' and executor_id = any(%s)"
ASK = """
import sys, urllib.error, urllib.request
try:
    print(urllib.request.urlopen(sys.argv[1], timeout=60).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""


class Witness:
    """Sees in PostgreSQL what a machine has."""

    def __init__(self, connection: psycopg.Connection[Any], host: Host) -> None:
        self._connection, self._host = connection, host

    def has_sessions(self) -> bool:
        return self._count(SESSIONS, self._host.address) > 0

    def has_turn(self) -> bool:
        return self._count(TURN, self._host.address) > 0

    def slots(self) -> list[str]:
        """Its workers."""
        names = {locks._half(f"worker-{number}"): f"worker-{number}" for number in range(8)}
        found = self._connection.execute(LOCKS, [locks._half(worker_slots._folder().name), self._host.address])
        return [names[number] for (number,) in found.fetchall()]

    def works(self) -> bool:
        return self._count(WORK, self.slots()) > 0

    def _count(self, question: str, value: object) -> int:
        [found] = self._connection.execute(question, [value]).fetchone() or [0]
        return int(found)


@pytest.fixture
def witness(home: Path, hosts: Hosts) -> Iterator[Witness]:
    with closing(psycopg.connect(os.environ["OPENBOOK_DATABASE_URL"], autocommit=True)) as connection:
        yield Witness(connection, hosts.two)


@pytest.mark.timeout(600)
def test_a_machine_that_is_cut_off_stops_nobody_and_comes_back(place: Place, hosts: Hosts, witness: Witness) -> None:
    machines, api = place.machines, f"http://{place.machines.apis[1]}"
    with place.at_work(sum(PEOPLE), workers=(1, 1)) as work:
        people = iter(work.people)
        before, meanwhile, later = (list(islice(people, count)) for count in PEOPLE)
        work.begin(Filing(work.trial, before))
        cut_off_in_the_middle_of_it(hosts, witness)
        work.begin(Filing(work.trial, meanwhile))
        wait_until(lambda: not witness.has_sessions(), liveness.NOTICED_SECONDS + LONGER_SECONDS)
        assert hosts.two.run(sys.executable, "-c", ASK, f"{api}/readyz").stdout.strip() == "503"
        wait_until(lambda: ended() == len(before) + len(meanwhile), PATIENCE_SECONDS)
        work.wait_until_all_is_seen()
        assert not witness.has_sessions()
        hosts.bring_back(hosts.two)
        wait_until(lambda: answers(machines.apis[1], "/readyz"), PATIENCE_SECONDS)
        wait_until(lambda: len(witness.slots()) == 1, PATIENCE_SECONDS)
        look = work.looking[0]
        work.looking.append(Looking(work.trial, api, look.paths, **look.headers))
        work.begin(work.looking[-1], Filing(work.trial, later))
        wait_until(witness.has_turn, PATIENCE_SECONDS)
        assert machines.all_run()
        assert work.trial.counts["no answer"] == 0, "the proxy asks the other machine"


def cut_off_in_the_middle_of_it(hosts: Hosts, witness: Witness) -> None:
    """While it holds the turn to write to the lake, and works on a request."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if witness.has_turn() and witness.works():
            hosts.cut_off(hosts.two)
            time.sleep(SETTLED_SECONDS)
            if witness.has_turn() and witness.works():
                return
            hosts.bring_back(hosts.two)
    raise AssertionError("it never held the turn while it worked on a request")


def ended() -> int:
    """How many requests."""
    with reading() as session:
        return sum(State(state).final for state in session.scalars(select(RequestRow.state)))
