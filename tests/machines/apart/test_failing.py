"""A home on two machines without a shared folder: two APIs and two dashboards behind nginx, two workers on each.

A worker, an API, a dashboard and PostgreSQL are killed, and the storage is stopped for a while, while people file
requests, recorders send and readers read. Each request ends exactly once, each record is stored once, and nobody sees
an error that trying again doesn't hide.
"""

from __future__ import annotations

import signal
import time

import pytest

from tests.governance.conftest import wait_until
from tests.machines.apart.at_work import PATIENCE_SECONDS, Filing, Place
from tests.support import nginx, object_storage
from tests.support.postgres import Server

pytestmark = [
    pytest.mark.state_in_files,  # the fixture `home` of the folder above says where it is
    pytest.mark.skipif(not nginx.is_there(), reason="nginx is not installed here"),
]

PEOPLE, HALF = 12, 6
STOPPED_SECONDS = 8.0


@pytest.mark.timeout(900)
def test_each_request_ends_once_whatever_is_killed(
    place: Place, postgres: Server, object_server: object_storage.Server
) -> None:
    machines = place.machines
    with place.at_work(PEOPLE, workers=(2, 2)) as work:
        trial = work.trial
        work.begin(Filing(trial, work.people[:HALF]), Filing(trial, work.people[HALF:]))
        wait_until(lambda: trial.requests >= 2, PATIENCE_SECONDS)
        machines.kill(0, "governance", "work")
        wait_until(lambda: trial.requests >= 4, PATIENCE_SECONDS)
        machines.kill(1, "governance", "serve")
        machines.kill(0, "dashboard")
        wait_until(lambda: trial.requests >= 6, PATIENCE_SECONDS)
        postgres.kill()
        time.sleep(1)
        postgres.start()
        wait_until(lambda: trial.requests >= 9, PATIENCE_SECONDS)
        stop_for_a_while(object_server)


def stop_for_a_while(server: object_storage.Server) -> None:
    """It takes connections, and answers nothing until it goes on."""
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    time.sleep(STOPPED_SECONDS)
    server.process.send_signal(signal.SIGCONT)
