"""Values of settings that are checked without listing everything that they could be."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest

import setting_values

NO_ZONES = (
    "", ".", "..", "/", "Mars", "Europe", "Europe/", "europe\0lisbon", "../UTC", "/usr/share/zoneinfo/UTC", "posix/UTC",
    "right/UTC", "posixrules", "tzdata.zi", "zone.tab", "x" * 5000, "\ud800",
)  # fmt: skip


def test_every_time_zone_that_python_lists_is_one() -> None:
    assert all(setting_values.time_zone(name) == name for name in available_timezones())


@pytest.mark.parametrize("name", NO_ZONES, ids=[ascii(name)[:20] for name in NO_ZONES])
def test_what_it_does_not_list_is_none(name: str) -> None:
    assert name not in available_timezones()
    with pytest.raises(ValueError, match="not an IANA time zone"):
        setting_values.time_zone(name)
