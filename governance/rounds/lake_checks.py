"""The lake's files are read gradually, so that damage is found before someone asks for what it affects.

A worker reads files for some seconds at a time, then rests for `SPARING` times as long, which bounds its share of one
processor and of the disk. Its position is stored in the lake's folder (`lake.storage.verifying`), so a pass continues
after a restart; one worker at a time does this. Damage is in the log, at `/healthz` and on the officer's page until it
is repaired.
"""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager

from governance.rounds import repeating
from lake.storage import verifying

logger = logging.getLogger("governance")

STEP_SECONDS = 2.0
SPARING = 30


def scheduled() -> AbstractContextManager[None]:
    """Verify files for as long as the block runs."""
    return repeating.repeated("verify", passes.make, STEP_SECONDS * SPARING, first_after=STEP_SECONDS)


def _step() -> None:
    before = {damage.file for damage in verifying.known().damaged}
    for damage in verifying.verify_some(STEP_SECONDS).damaged:
        if damage.file not in before:
            logger.error("damaged: %s", damage.words())


passes = repeating.Pass("verify", _step)
