"""The lake's files are read by and by, so that damage is found before somebody asks for what is lost by it.

A worker reads files for some seconds at a time, and rests for `SPARING` times as long: it takes that part of one
processor and of the disk. Where it was is kept in the lake's folder (`lake.storage.verifying`), so a pass goes on
after a restart; one worker at a time is at it. Damage is in the log, and at `/healthz` and on the officer's page
until it is mended.
"""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager

from governance.rounds import repeating
from lake.storage import verifying

logger = logging.getLogger("governance")

STEP_SECONDS = 2.0
SPARING = 30


def by_and_by() -> AbstractContextManager[None]:
    """Verify as long as the block runs."""
    return repeating.repeated("verify", _pass.make, STEP_SECONDS * SPARING, first_after=STEP_SECONDS)


def _step() -> None:
    before = {damage.file for damage in verifying.known().damaged}
    for damage in verifying.verify_some(STEP_SECONDS).damaged:
        if damage.file not in before:
            logger.error("damaged: %s", damage.words())


_pass = repeating.Pass("verify", _step)
