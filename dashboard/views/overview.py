"""Overview: how much is held about you, since when, from where, what was deleted, and which models used it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import states, theme, tour
from dashboard.captured.notices_panel import draw_notices
from dashboard.captured.pause_panel import draw_pause
from dashboard.captured.recorders_panel import draw_recorders
from dashboard.captured.refused_panel import draw_refused
from dashboard.charts import activity, lineage
from dashboard.charts.drawing import draw_chart
from dashboard.language import current, listed, opening, t, tn
from dashboard.moments import Zone, days_away
from dashboard.notifications.panel import draw_choice, draw_news
from dashboard.scopes.choices import applications_of
from dashboard.scopes.recent_hours import draw_recent_hours
from dashboard.scopes.selection import choose_times, open_request
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.tables import draw_table
from dashboard.text import inert, plain
from dashboard.verification import new_accessors
from dashboard.wording import frozen_words, held_words, signal_words
from lake.rules.scope import Scope
from languages import mark
from law import limits
from queries import Lineage, Own, Size, Summary

HOURS_PICTURE_DAYS = 28
CALENDAR_SPAN = timedelta(weeks=53)


def show(visitor: Visitor) -> None:
    st.title(t("What is held about you"), anchor=False)
    with visitor.at_once() as own:
        summary = own.summary(visitor.zone.info)
        days = own.captures_per_day(visitor.zone.info)
        hours = _last_hours(own, summary, visitor.zone)
        used = own.lineage()
        refused = own.refused()
    if not summary.captures:
        _nothing_held(summary)
        _offer_tour()
        draw_news(visitor)
        draw_notices(visitor)
        pause = draw_pause(visitor)
        draw_recorders(visitor, pause)
        draw_refused(refused)
        draw_choice(visitor)
        return
    theme.answer(headline(summary, days, visitor.zone))
    with st.container(horizontal=True, vertical_alignment="center", key="next_questions"):
        copy = st.button(t("Get a copy of everything…"), icon=":material/download:", key="copy_everything")
        st.page_link("views/models.py", label=t("Which models used them"), icon=":material/model_training:")
        _offer_tour()
    if copy:
        open_request("export", Scope())
    draw_recent_hours(hours, visitor.zone)
    draw_news(visitor)
    draw_notices(visitor)
    pause = draw_pause(visitor)
    draw_recorders(visitor, pause)
    new_accessors.draw_if_reachable(visitor)
    st.caption(t(limits.REGISTER))
    _numbers(summary)
    _calendar(days, visitor.zone)
    _hours(hours, visitor.zone)
    _where_from(days)
    draw_refused(refused)
    _what_left_and_models(summary, used)
    draw_choice(visitor)


def _offer_tour() -> None:
    words = t("Take the one-minute tour")
    st.button(words, icon=":material/tour:", type="tertiary", on_click=tour.start, key="tour_offer")


def headline(summary: Summary, days: pd.DataFrame, zone: Zone) -> str:
    """The answer first: how much, of what, since when, until when. `days`: `Own.captures_per_day` in that zone."""
    assert summary.first_at is not None
    assert summary.last_at is not None
    words = tn(
        "**{n} record** of your work is held, from {sources}, recorded on {days} between {first} and {last}.",
        "**{n} records** of your work are held, from {sources}, recorded on {days} between {first} and {last}.",
        summary.captures,
        sources=listed([inert(name, 40) for name in applications_of(days)]),
        days=tn("{n} day", "{n} days", summary.days),
        first=zone.local(summary.first_at).date(),
        last=zone.local(summary.last_at).date(),
    )
    return " ".join([words, *stays_words(summary), *_last_day(summary)])


def _last_day(summary: Summary) -> Iterator[str]:
    if summary.kept_until and (summary.held or summary.restricted):
        yield t("As things stand, the last of the others will be deleted after {day}.", day=summary.kept_until)
    elif summary.kept_until:
        yield t("As things stand, the last of them will be deleted after {day}.", day=summary.kept_until)


def _nothing_held(summary: Summary) -> None:
    removed = summary.removed_by_retention + summary.removed_by_request
    if not removed:
        states.empty(
            t("This register has nothing about you"),
            f"{t('Nothing has been stored or deleted so far.')} {t(limits.REGISTER)}",
        )
        return
    states.empty(
        t("This register has nothing about you any more"),
        t(
            "Deleted: {asked} because you asked, {expired} because their time was up.",
            asked=tn("{n} record", "{n} records", summary.removed_by_request),
            expired=tn("{n} record", "{n} records", summary.removed_by_retention),
        ),
        icon=":material/check_circle:",
    )
    for sentence in stays_words(summary):
        st.write(sentence)
    st.page_link("views/retention.py", label=t("See what was deleted, and why"), icon=":material/event_available:")


def stays_words(summary: Summary) -> Iterator[str]:
    """What stays longer than its time, and why."""
    if summary.held:
        yield held_words(summary.held)
    if summary.restricted:
        yield frozen_words(summary.restricted)


def _numbers(summary: Summary) -> None:
    with st.container(horizontal=True, gap="small"):
        st.metric(t("Records held"), current().number(summary.captures), border=True)
        st.metric(
            t("Had sensitive parts hidden"),
            current().number(summary.redacted),
            border=True,
            help=t("Records in which a password, card number, e-mail address or similar was masked before storage.")
            + " "
            + t(limits.MASKING),
        )
        st.metric(
            t("Already deleted"),
            current().number(summary.removed_by_retention + summary.removed_by_request),
            border=True,
            help=t(
                "{expired} because their time was up, {asked} because you asked.",
                expired=summary.removed_by_retention,
                asked=summary.removed_by_request,
            ),
        )
        st.metric(
            t("Models that used your data"),
            current().number(summary.models),
            border=True,
            help=t(
                "Model versions whose training runs reported that they read your data. Others may have used it; see "
                "Models."
            ),
        )


def _calendar(days: pd.DataFrame, zone: Zone) -> None:
    per_day = days.groupby("day")["events"].sum().reset_index()
    st.header(t("Day by day"), anchor=False)
    shown = per_day
    if per_day["day"].max() - per_day["day"].min() > CALENDAR_SPAN:
        years = sorted(per_day["day"].dt.year.unique(), reverse=True)
        year = st.segmented_control(t("Year"), years, default=years[0], key="calendar_year") or years[0]
        shown = per_day[per_day["day"].dt.year == year]
    sentence = activity.calendar_sentence(shown)
    st.caption(
        sentence
        + " "
        + t(
            "Days begin at midnight in {zone}. Click a day, or choose it on Captured, to see its records.",
            zone=zone.label,
        )
    )
    picked = draw_chart(
        partial(activity.calendar, shown, zone.label, pick="day"),
        sentence,
        lambda: activity.days_table(shown, t("Day")),
        name="calendar",
        key="calendar",
        on_select="rerun",
    ).selection.get("day")
    if picked:
        day = datetime.fromisoformat(picked[0]["iso"])
        choose_times(day, day + timedelta(days=1))
        st.switch_page("views/captured.py")


def _last_hours(own: Own, summary: Summary, zone: Zone) -> pd.DataFrame:
    """[hour: datetime64 (local), events: int] of the last days with records; empty if there are none."""
    if summary.last_at is None:
        return pd.DataFrame({"hour": pd.to_datetime([]), "events": []})
    from_day = zone.local(summary.last_at).date() - timedelta(days=HOURS_PICTURE_DAYS - 1)
    scope = Scope(from_at=zone.utc(datetime.combine(from_day, time())))
    hours = own.captures_per(scope, Size.HOUR, zone.info).rename(columns={"start": "hour"})
    return hours.groupby("hour")["events"].sum().reset_index()


def _hours(hours: pd.DataFrame, zone: Zone) -> None:
    if hours.empty:
        return
    period = tn(
        "The {n} day up to {day}, in {zone}.",
        "The {n} days up to {day}, in {zone}.",
        HOURS_PICTURE_DAYS,
        day=hours["hour"].max().date(),
        zone=zone.label,
    )
    st.header(t("Hour by hour"), anchor=False)
    sentence = activity.hours_sentence(hours)
    st.caption(f"{period} {sentence}")
    chart = partial(activity.hours_of_days, hours, zone.label, days=HOURS_PICTURE_DAYS)
    draw_chart(chart, sentence, lambda: activity.hours_table(hours), name="hours")


def _where_from(days: pd.DataFrame) -> None:
    st.header(t("By application and kind"), anchor=False)
    by_application = _totals(days, "application")
    by_signal = _totals(days, "signal")
    by_application["application"] = [plain(name, 60) for name in by_application["application"]]
    by_signal["signal"] = [opening(signal_words(signal)) for signal in by_signal["signal"]]
    st.caption(t("Masked: something was removed from the record before it was stored."))
    left, right = st.columns(2)
    with left:
        _totals_table(by_application, t("Application"), t("Your records by application"), "Application")
    with right:
        _totals_table(by_signal, t("What"), t("Your records by kind"), "What")


def _totals(days: pd.DataFrame, by: str) -> pd.DataFrame:
    """[by, events, redacted], most captures first."""
    totals = days.groupby(by)[["events", "redacted"]].sum().reset_index()
    return totals.sort_values("events", ascending=False, ignore_index=True)


def _totals_table(totals: pd.DataFrame, heading: str, words: str, name: str) -> None:
    named = totals.rename(columns={totals.columns[0]: heading, "events": t("Records"), "redacted": t("Masked")})
    draw_table(named, words, name=name, bar=t("Records"))


def _what_left_and_models(summary: Summary, used: Lineage) -> None:
    left, right = st.columns(2)
    with left, st.container(border=True, height="stretch"):
        st.header(t("What was deleted, and what is next"), anchor=False)
        removed = [
            t(words, n=removals)
            for removals, words in (
                (summary.removed_by_retention, mark("{n} because their time was up")),
                (summary.removed_by_request, mark("{n} because you asked")),
            )
            if removals
        ]
        st.write(
            t("Deleted so far: {removals}.", removals=listed(removed))
            if removed
            else t("Nothing has been deleted so far.")
        )
        if summary.next_expiry_day:
            st.write(
                tn(
                    "Next, {n} record will be deleted after {day} ({away}).",
                    "Next, {n} records will be deleted after {day} ({away}).",
                    summary.next_expiry_events,
                    day=summary.next_expiry_day,
                    away=days_away(summary.next_expiry_day),
                )
            )
        for sentence in stays_words(summary):
            st.write(sentence)
        st.page_link(
            "views/retention.py", label=t("All retention dates and policies"), icon=":material/event_available:"
        )
    with right, st.container(border=True, height="stretch"):
        st.header(t("AI models that used your data"), anchor=False)
        st.write(
            lineage.consumption_sentence(used) if used.graph.models else t("No training run has been recorded yet.")
        )
        st.page_link("views/models.py", label=t("Which models, and how we know"), icon=":material/model_training:")


show(identity.visitor())
