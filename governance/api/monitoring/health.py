"""The health of each part, for whoever supervises Open Book. It uses none of the threads that answer people, and never
waits for long.

Each part is checked in its own thread, by one check at a time for all callers. A part that doesn't answer in `SECONDS`
is reported as not answering, and the check goes on until it does. Reports name no person and no content.

    ok            it works
    busy          others are using it, or it is slow; people may be asked to try again
    damaged       lake only: its file check found damage (`lake.storage.verifying`); the rest can be used
    unavailable   it, or a part of the home, can't be used; `problems` names it and says what to do
    absent        workers only: none is running, so requests wait
    doubted       clock only: actions that can't be undone wait (`timekeeping`)
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future

from sqlalchemy import text

import home
import timekeeping
from directory import Directory
from directory.keys import check_master_key
from directory.keys import service as key_service
from governance.api import service_tokens
from governance.db import work_queue, worker_slots
from governance.db.database import reading
from governance.ledger import signing
from governance.logs import log_unexpected
from governance.opendsr import signing as opendsr
from governance.operations import first_start
from governance.schemas.health import Health
from home import HomeUnavailable, Part
from lake.releases import database as releases
from lake.storage import verifying, waiting
from lake.storage.connection import LakeBusy
from lake.storage.data_files import data_files
from parts import explained
from queries.connection import answering

logger = logging.getLogger("governance")

NEEDED = ("home", "lake", "governance", "directory", "keys")
"""Without these, people get no answers."""
SECONDS = 2.0
SLOW = "It has not answered in time."
NO_WORKER = (
    "No worker is running: requests are accepted, and wait. Start one (`python -m governance work`). One that was "
    "started already waits until every part of the home is there."
)

_lock = threading.Lock()
_looks: dict[str, Future[tuple[str, str]]] = {}


async def look() -> Health:
    """The current health of everything. Never raises."""
    names = list(PARTS)
    found = dict(zip(names, await asyncio.gather(*(_answer(name) for name in names)), strict=True))
    problems = [f"{name}: {words}" for name, (_, words) in found.items() if words]
    problems += [f"service tokens: {words}" for words in service_tokens.warnings()]
    states = {name: state for name, (state, _) in found.items()}
    usable = "degraded" if problems else "ok"
    status = "unavailable" if "unavailable" in states.values() else usable
    return Health.model_validate({"status": status, **states, "problems": problems})


async def faults_of(names: Collection[str]) -> list[str]:
    """What makes these parts unusable, in words. Never raises."""
    found = await asyncio.gather(*(_answer(name) for name in names))
    return [f"{name}: {words}" for name, (state, words) in zip(names, found, strict=True) if state == "unavailable"]


async def _answer(name: str) -> tuple[str, str]:
    try:
        return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(_look_of(name))), SECONDS)
    except TimeoutError:
        return ("absent", SLOW) if name == "worker" else ("busy", SLOW)


def _look_of(name: str) -> Future[tuple[str, str]]:
    """The running check of a part, or a new one."""
    with _lock:
        known = _looks.get(name)
        if known is None or known.done():
            known = _looks[name] = Future()
            threading.Thread(target=_carry_out, args=(name, known), name=f"health-{name}", daemon=True).start()
        return known


def _carry_out(name: str, future: Future[tuple[str, str]]) -> None:
    try:
        with waiting.bounded():
            future.set_result(PARTS[name]())
    except LakeBusy as error:
        future.set_result(("busy", str(error)))
    except Exception as error:
        future.set_result(("unavailable", _words(error)))


def _words(error: Exception) -> str:
    """Why something can't be used, for everybody; the log has more."""
    if isinstance(error, HomeUnavailable):
        logger.error("%s", error)
        return error.for_people
    known = explained(error)
    reference = "" if known else log_unexpected(error)
    return str(known) if known else f"An unexpected error occurred; the log has it under {reference}."


def _faults(*checks: Callable[[], object]) -> str:
    """What all of these checks find, in words; one that fails doesn't hide what the others find."""
    words = []
    for check in checks:
        try:
            check()
        except Exception as error:
            words.append(_words(error))
    return " ".join(dict.fromkeys(words))


def _home() -> tuple[str, str]:
    missing = home.missing_parts()
    checks: dict[Part, Callable[[], object]] = {Part.QUEUE: work_queue.check, Part.RELEASES: releases.verify}
    faults = _faults(_nothing_missing, *(check for part, check in checks.items() if part not in missing))
    return ("unavailable", faults) if faults else ("ok", "")


def _nothing_missing() -> None:
    if missing := home.missing_parts():
        raise HomeUnavailable.missing(*missing)


def _governance() -> tuple[str, str]:
    with reading() as session:
        session.execute(text("select count(*) from request"))
    return "ok", ""


def _directory() -> tuple[str, str]:
    with Directory.open() as directory:
        directory.managers()
    return "ok", ""


def _keys() -> tuple[str, str]:
    if faults := _faults(check_master_key, key_service.check, signing.signer, opendsr.check_key):
        return "unavailable", faults
    return "ok", " ".join(filter(None, (first_start.master_key_in_home(), key_service.unused())))


def _lake() -> tuple[str, str]:
    data_files().require_ours()
    answering(lambda cursor: cursor.execute("select 1").fetchall())
    damage = verifying.known().summary()
    return ("damaged", damage) if damage else ("ok", "")


def _worker() -> tuple[str, str]:
    return ("running", "") if worker_slots.any_running() else ("absent", NO_WORKER)


def _clock() -> tuple[str, str]:
    doubt = timekeeping.doubt()
    return ("doubted", doubt) if doubt else ("trusted", "")


PARTS: dict[str, Callable[[], tuple[str, str]]] = {
    "home": _home,
    "lake": _lake,
    "governance": _governance,
    "directory": _directory,
    "keys": _keys,
    "worker": _worker,
    "clock": _clock,
}
