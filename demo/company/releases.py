"""Tessel's releases so far: two, a year apart, the first from before anything was captured.

The product's own code publishes them; only the clock is turned back, and the noise is seeded, so that the same day
gives the same numbers. Real noise comes from OpenDP and can't be repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from demo.company.requests import turned_back
from governance.db import database
from governance.rounds import releases
from lake.attacks import running
from lake.releases import publishing

SEED = 61
DAYS_AGO = (372, 6)
"""The first four weeks after the first policy, the second as soon as the year's budget is there again."""


def publish_past_releases(today: date) -> None:
    """Publishes them. The company's captures, requests and directory must exist."""
    rng = np.random.default_rng(SEED)

    def seeded(values: Sequence[int], deviation: float) -> list[int]:
        drawn = np.rint(rng.normal(0, deviation, len(values))).astype(int)
        return [value + int(noise) for value, noise in zip(values, drawn, strict=True)]

    for days_ago, attack in zip(DAYS_AGO, (None, running.run), strict=True):
        with turned_back(datetime.combine(today - timedelta(days=days_ago), time(2, 30), UTC)):
            publishing.release(releases.slowest_answers(releases.EVER), attack, seeded)
            releases.record_in_ledger()
    publishing.publish_state()
    database.close()
