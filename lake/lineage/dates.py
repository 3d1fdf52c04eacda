"""What dates rule out: a model version can't have learned from captures that were made after it was.

A model version was made by the time at which the last run ended that may have had a part in it
(`lake.lineage.families.Families.made_by`), as the runs reported. Captures are compared by their UTC days, because some
of what the lake knows about them has no times.
"""

from __future__ import annotations

from datetime import datetime, timedelta

MARGIN = timedelta(days=1)
"""So long before the first day of the captures must the runs have ended: a time without a zone counts as UTC, and
clocks differ."""


NEVER_ANY = datetime.max  # noqa: DTZ901 (the lake's times are naive UTC)
"""There never were such captures here, so nothing made until now can have learned from them."""


def made_before(first_day: datetime | None) -> datetime | None:
    """What was made before this time can't have learned from captures of which none is from before `first_day` (naive
    UTC, its first moment; None: there never were any). None: not known, because the day was erased."""
    if first_day is None:
        return NEVER_ANY
    return first_day - MARGIN if first_day > datetime.min + MARGIN else None  # noqa: DTZ901
