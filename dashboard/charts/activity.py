"""Charts of when something was captured: a calendar, the hours of each day, and a timeline by signal."""

from __future__ import annotations

import textwrap
from datetime import timedelta
from itertools import groupby
from operator import itemgetter

import altair as alt
import pandas as pd

from dashboard.charts import SHORT_NUMBER
from dashboard.charts.locales import day_axis, month_axis, weekdays
from dashboard.charts.wall_time import SCALE, wall_times
from dashboard.language import current, listed, t, tn
from dashboard.moments import day_words
from dashboard.wording import SIGNALS, signal_words

EMPTY_CELL = "#88888822"
LANE_HEIGHT = 24
LEAST_WEEKS = 8
TITLE_CHARACTERS = 26
"""Of a line of an upright axis title: the chart is 200 px high."""
QUARTERS_UP_TO = timedelta(hours=3)
QUARTER_MS = 900_000
SHOWS_HOURS_UP_TO = timedelta(days=10)
SHOWS_YEARS_FROM = timedelta(days=400)
UNLABELLED_LINES = alt.Axis(ticks=False, grid=False, domain=False, labelOverlap=False, labelLimit=200)


def calendar(days: pd.DataFrame, zone_label: str, *, pick: str) -> alt.Chart:
    """Days as cells, weeks as columns. `days`: [day: datetime64, events: int], one row per day.

    Draws whole weeks, at least eight; days without a row are empty. The selection `pick` gives the `iso`
    (`2026-05-03`) that was clicked."""
    last = days["day"].max() + pd.Timedelta(days=6 - days["day"].max().day_of_week)
    first = min(days["day"].min(), last - pd.Timedelta(weeks=LEAST_WEEKS, days=-1))
    every_day = pd.date_range(first - pd.Timedelta(days=first.day_of_week), last, freq="D")
    cells = days.set_index("day").reindex(every_day, fill_value=0).rename_axis("day").reset_index()
    cells["week"] = cells["day"] - pd.to_timedelta(cells["day"].dt.day_of_week, unit="D")
    cells["week_end"] = cells["week"] + pd.Timedelta(days=7)
    names = weekdays()
    cells["weekday"] = [names[weekday] for weekday in cells["day"].dt.day_of_week]
    cells["iso"] = cells["day"].dt.strftime("%Y-%m-%d")
    cells["date"] = [day_words(day.date()) for day in cells["day"]]
    chart: alt.Chart = (
        alt.Chart(wall_times(cells))
        .mark_rect(cornerRadius=2, xOffset=1, x2Offset=-1, yOffset=1, y2Offset=-1)
        .encode(
            x=alt.X(
                "week:T",
                title=None,
                scale=SCALE,
                axis=alt.Axis(format=month_axis(), grid=False, tickCount="month", ticks=False),
            ),
            x2=alt.X2("week_end:T"),
            y=alt.Y("weekday:O", sort=names, title=None, axis=UNLABELLED_LINES),
            color=_shade(days["events"], t("Records per day"), EMPTY_CELL),
            tooltip=[
                alt.Tooltip("date:N", title=t("Day ({zone})", zone=zone_label)),
                alt.Tooltip("events:Q", title=t("Records"), format=","),
            ],
        )
        .add_params(alt.selection_point(name=pick, fields=["iso"], on="click", clear="dblclick"))
        .properties(height=290)
    )
    return chart


def _shade(events: pd.Series[int], title: str, empty: str) -> alt.ColorValue:
    """The colour of a cell by its number of records; `empty` if it has none.

    As `alt.condition`, which takes altair longer than the rest of a chart: it looks among all of its classes for those
    that fit.
    """
    colour = alt.Color(
        "events:Q",
        title=title,
        scale=alt.Scale(type="sqrt", domain=[0, int(events.max())]),
        legend=alt.Legend(orient="bottom", gradientLength=180, tickCount=4, labelExpr=SHORT_NUMBER),
    )
    shown = colour.to_dict(validate=False)
    assert isinstance(shown, dict)
    return alt.ColorValue(empty, condition={"test": "datum.events > 0", **shown})


def calendar_sentence(days: pd.DataFrame) -> str:
    """The calendar in words. `days` as in `calendar`, at least one row."""
    first, last = day_words(days["day"].min().date()), day_words(days["day"].max().date())
    if first == last:
        return tn("{n} record, all on {day}.", "{n} records, all on {day}.", int(days["events"].sum()), day=first)
    busiest = days.iloc[int(days["events"].argmax())]
    return t(
        "Something was captured on {days} between {first} and {last}. The busiest was {busiest} with {records}.",
        days=tn("{n} day", "{n} days", len(days)),
        first=first,
        last=last,
        busiest=busiest["day"].date(),
        records=tn("{n} record", "{n} records", int(busiest["events"])),
    )


def days_table(days: pd.DataFrame, heading: str) -> pd.DataFrame:
    """Days as a table, the newest first, under this heading. `days` as in `calendar`."""
    newest = days.sort_values("day", ascending=False)
    return pd.DataFrame({heading: [day.date() for day in newest["day"]], t("Records"): newest["events"].to_list()})


def hours_of_days(hours: pd.DataFrame, zone_label: str, *, days: int) -> alt.Chart:
    """Each day as a column of 24 hours: the last `days` days. `hours`: [hour: datetime64 (local), events: int],
    one row per hour."""
    first = hours["hour"].max().normalize() - pd.Timedelta(days=days - 1)
    # An empty hour at the start, so that the chart covers all days.
    cells = pd.concat([hours[["hour", "events"]], pd.DataFrame({"hour": [first], "events": [0]})], ignore_index=True)
    cells["day"] = cells["hour"].dt.normalize()
    cells["day_end"] = cells["day"] + pd.Timedelta(days=1)
    cells["from_hour"] = cells["hour"].dt.hour
    cells["to_hour"] = cells["from_hour"] + 1
    day_of = {day: day_words(day.date()) for day in cells["day"].unique()}
    cells["when"] = [
        t("{day}, {first} to {last}", day=day_of[day], first=f"{hour:%H:%M}", last=f"{hour + timedelta(hours=1):%H:%M}")
        for day, hour in zip(cells["day"], cells["hour"], strict=True)
    ]
    chart: alt.Chart = (
        alt.Chart(wall_times(cells))
        .mark_rect(xOffset=0.5, x2Offset=-0.5, cornerRadius=1)
        .encode(
            x=alt.X(
                "day:T",
                title=None,
                scale=SCALE,
                axis=alt.Axis(format=day_axis(), grid=False, tickMinStep=86_400_000),
            ),
            x2=alt.X2("day_end:T"),
            y=alt.Y(
                "from_hour:Q",
                title=textwrap.wrap(t("Hour of the day ({zone})", zone=zone_label), TITLE_CHARACTERS),
                scale=alt.Scale(domain=[0, 24], reverse=True, nice=False),
                axis=alt.Axis(values=[0, 6, 12, 18, 24], labelExpr="datum.value + ':00'"),
            ),
            y2=alt.Y2("to_hour:Q"),
            color=_shade(hours["events"], t("Records per hour"), "transparent"),
            tooltip=[
                alt.Tooltip("when:N", title=t("When ({zone})", zone=zone_label)),
                alt.Tooltip("events:Q", title=t("Records"), format=","),
            ],
        )
        .properties(height=340)
    )
    return chart


def hours_sentence(hours: pd.DataFrame) -> str:
    """The hours in words. `hours` as in `hours_of_days`, at least one row."""
    by_hour = hours.groupby(hours["hour"].dt.hour)["events"].sum()
    busiest = int(by_hour.index[int(by_hour.argmax())])
    words = t("Most was captured between {first} and {last}.", first=f"{busiest}:00", last=f"{busiest + 1}:00")
    outside = int(by_hour[(by_hour.index < 7) | (by_hour.index >= 19)].sum())
    if not outside:
        return f"{words} {t('Nothing was captured before 7:00 or after 19:00.')}"
    rest = tn(
        "{n} record is from before 7:00 or after 19:00.", "{n} records are from before 7:00 or after 19:00.", outside
    )
    return f"{words} {rest}"


def hours_table(hours: pd.DataFrame) -> pd.DataFrame:
    """The hours as a table: a row per day, newest first, a column per hour of which something was captured.
    `hours` as in `hours_of_days`."""
    cells = hours.assign(day=hours["hour"].dt.date, at=hours["hour"].dt.hour)
    wide = cells.pivot_table(index="day", columns="at", values="events", aggfunc="sum", fill_value=0)
    wide.columns = [f"{at}:00" for at in wide.columns]
    return wide.astype(int).sort_index(ascending=False).rename_axis(t("Day")).reset_index()


def timeline_sentence(bins: pd.DataFrame, zone_label: str) -> str:
    """The timeline in words. `bins` as in `timeline`, at least one row."""
    kinds = bins.groupby("signal")["events"].sum().sort_values(ascending=False)
    values = {
        "records": tn("{n} record", "{n} records", int(bins["events"].sum())),
        "first": _moment(bins["start"].min()),
        "last": _moment(bins["end"].max()),
        "zone": zone_label,
        "kinds": listed(
            [t("{kind} ({n})", kind=signal_words(str(signal)), n=int(events)) for signal, events in kinds[:3].items()]
        ),
    }
    if len(kinds) > 3:
        return t("{records} between {first} and {last} ({zone}), most of them {kinds}.", **values)
    return t("{records} between {first} and {last} ({zone}), {kinds}.", **values)


def _moment(local: pd.Timestamp) -> str:
    return t("{day}, {time}", day=local.date(), time=f"{local:%H:%M}")


def timeline_table(bins: pd.DataFrame, zone_label: str) -> pd.DataFrame:
    """The timeline as a table: a row per stretch of time, newest first. `bins` as in `timeline`."""
    newest = bins.sort_values(["start", "events"], ascending=False)[["start", "end", "signal", "events"]]
    rows = []
    for start, stretch in groupby(newest.itertuples(index=False, name=None), key=itemgetter(0)):
        kinds = list(stretch)
        said = [f"{signal_words(str(signal))} {current().number(int(events))}" for *_, signal, events in kinds]
        rows.append(
            {
                t("From ({zone})", zone=zone_label): start,
                t("Until"): max(end for _, end, *_ in kinds),
                t("Records"): sum(int(events) for *_, events in kinds),
                t("What"): ", ".join(said),
            }
        )
    return pd.DataFrame(rows)


def timeline(bins: pd.DataFrame, zone_label: str, *, brush: str) -> alt.Chart:
    """One lane per signal, time from left to right, a stronger colour for more captures; drag to select a time.

    `bins`: [start: datetime64 (local), end: datetime64, signal: str, events: int]. The selection `brush` gives
    `{"start": [from, until]}` in milliseconds of local time. The colour compares within a lane, so that a few
    typed words are visible next to thousands of mouse movements."""
    cells = bins.copy()
    cells["share"] = cells["events"] / cells.groupby("signal")["events"].transform("max")
    cells["kind"] = [signal_words(signal) for signal in cells["signal"]]
    cells["when"] = [_moment(start) for start in cells["start"]]
    span = cells["end"].max() - cells["start"].min()
    days = day_axis()
    times = f"{days} %H:%M" if span <= SHOWS_HOURS_UP_TO else days if span <= SHOWS_YEARS_FROM else month_axis()
    axis = alt.Axis(grid=True, labelOverlap=True, format=times)
    if span <= QUARTERS_UP_TO:
        axis.tickMinStep = QUARTER_MS
    order = [signal_words(signal) for signal in SIGNALS if signal in set(cells["signal"])]
    chart: alt.Chart = (
        alt.Chart(wall_times(cells))
        .mark_rect()
        .encode(
            x=alt.X("start:T", title=t("Time ({zone})", zone=zone_label), scale=SCALE, axis=axis),
            x2=alt.X2("end:T"),
            y=alt.Y("kind:N", sort=order, title=None, scale=alt.Scale(paddingInner=0.2), axis=UNLABELLED_LINES),
            color=alt.Color("share:Q", scale=alt.Scale(type="sqrt", domain=[0, 1]), legend=None),
            tooltip=[
                alt.Tooltip("kind:N", title=t("What")),
                alt.Tooltip("when:N", title=t("From ({zone})", zone=zone_label)),
                alt.Tooltip("events:Q", title=t("Records"), format=","),
            ],
        )
        .add_params(alt.selection_interval(name=brush, encodings=["x"]))
        .properties(height=LANE_HEIGHT * len(order) + 70)
    )
    return chart
