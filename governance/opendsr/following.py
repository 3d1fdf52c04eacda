"""OpenDSR's background work: polling processors, and calling controllers back.

A worker starts it in every round and doesn't wait for it, because partners may be slow; one pass at a time, in one
worker at a time. The next pass does what a pass left undone.
"""

from __future__ import annotations

import logging

from governance.logs import log_unexpected
from governance.opendsr import callbacks, processor_status
from governance.opendsr.partners import InvalidPartners
from governance.rounds.repeating import Pass
from home import HomeUnavailable

logger = logging.getLogger("governance")


def _pass() -> None:
    """If one part fails, the other still runs."""
    for part in (callbacks.send_due, processor_status.poll_due):
        try:
            part()
        except (InvalidPartners, HomeUnavailable) as error:
            logger.error("%s", error)
        except Exception as error:
            log_unexpected(error)


passes = Pass("opendsr", _pass)
