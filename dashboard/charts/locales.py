"""Numbers, months and weekdays of a chart in the visitor's language, from the CLDR (Babel) to Vega (d3).

Vega's own are English, so a chart in English has no locale.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import altair as alt
from babel import Locale, numbers

from dashboard.language import current

_DIRECTIVES = {"d": "%-d", "dd": "%d", "M": "%-m", "MM": "%m", "MMM": "%b", "MMMM": "%B", "y": "%Y", "yy": "%y"}
"""A field of a CLDR pattern in d3's words; `y` is the year in full."""


def vega_locale() -> alt.Locale | None:
    """For `config.locale`; None in English."""
    locale = current().locale
    if locale.language == "en":
        return None
    return alt.Locale(number=_numbers(locale), time=_times(locale))


def day_axis() -> str:
    """The format of days on an axis: `3 May`."""
    return _format(str(current().locale.datetime_skeletons["MMMd"]))


def month_axis() -> str:
    """`May 2026`."""
    return _format(str(current().locale.datetime_skeletons["yMMM"]))


def full_day_axis() -> str:
    """`3 May 2026`."""
    return _format(str(current().locale.datetime_skeletons["yMMMd"]))


def weekdays() -> list[str]:
    """From Monday to Sunday: `Mon`, `Tue`, …"""
    return _names(current().locale.days["stand-alone"]["abbreviated"], range(7))


def _numbers(locale: Locale) -> alt.NumberLocale:
    return alt.NumberLocale(
        decimal=numbers.get_decimal_symbol(locale),
        thousands=numbers.get_group_symbol(locale),
        grouping=[3],
        currency=["", ""],
        percent=numbers.format_percent(0, locale=locale).removeprefix("0"),
    )


def _times(locale: Locale) -> alt.TimeLocale:
    from_sunday = (6, *range(6))
    day = _format(locale.date_formats["short"].pattern)
    return alt.TimeLocale(
        date=day,
        time="%H:%M:%S",
        dateTime=f"{day} %H:%M:%S",
        periods=["AM", "PM"],
        days=_names(locale.days["stand-alone"]["wide"], from_sunday),
        shortDays=_names(locale.days["stand-alone"]["abbreviated"], from_sunday),
        months=_names(locale.months["format"]["wide"], range(1, 13)),
        shortMonths=_names(locale.months["format"]["abbreviated"], range(1, 13)),
    )


def _names(names: Mapping[int, str], order: Iterable[int]) -> list[str]:
    return [names[number] for number in order]


def _format(pattern: str) -> str:
    """A CLDR pattern of days, months and years as d3's format: `d. MMM y` is `%-d. %b %Y`."""
    return re.sub(r"[A-Za-z]+", lambda field: _DIRECTIVES[field[0]], pattern)
