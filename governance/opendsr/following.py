"""What OpenDSR does in the background: asking processors how far they are, and calling controllers back.

A worker starts it in every round and doesn't wait for it, because partners may be slow; one pass at a time, in one
worker at a time. Whatever a pass did not come to, the next one does.
"""

from __future__ import annotations

import logging
import threading

from filelock import FileLock, Timeout

from governance.database import governance_folder
from governance.errors import log_unexpected
from governance.opendsr import asking, callbacks
from governance.opendsr.partners import InvalidPartners
from governance.opendsr.signing import UnusableKey

logger = logging.getLogger("governance")

_passing = threading.Lock()


def follow_up() -> None:
    """Begin a pass, unless one is going on."""
    if _passing.acquire(blocking=False):
        try:
            threading.Thread(target=_run, name="opendsr", daemon=True).start()
        except BaseException:
            _passing.release()
            raise


def make_pass() -> None:
    """One pass; a part that fails doesn't keep the other from its turn. Does nothing where another worker is at it."""
    try:
        with FileLock(governance_folder() / "opendsr-pass.lock", timeout=0):
            for part in (callbacks.send_due, asking.ask_due):
                try:
                    part()
                except (InvalidPartners, UnusableKey) as error:
                    logger.error("%s", error)
                except Exception as error:
                    log_unexpected(error)
    except Timeout:
        return


def _run() -> None:
    try:
        make_pass()
    finally:
        _passing.release()
