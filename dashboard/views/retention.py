"""Retention: what is deleted when and by which rule, what was deleted and why, what is held and until when."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

import clock
from dashboard import states, theme
from dashboard.charts import retention
from dashboard.charts.drawing import draw_chart
from dashboard.moments import Zone, day_words, days_away, moment_words
from dashboard.requests.wording import because
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.tables import draw_table
from dashboard.text import inert, plain
from dashboard.wording import CAUSES, RETENTION_STATES, count, scope_words, signal_words
from lake.rules.scope import Scope
from law.article_15 import automated_decisions, records_kept, transfers
from law.legal_bases import bases_of
from law.regimes import regime


def show(visitor: Visitor) -> None:
    st.title("How long it is kept", anchor=False)
    with visitor.at_once() as own:
        kept, held = own.retention(), own.summary(visitor.zone.info).held
        holds, policies, removals = own.holds(), own.policies(), own.removals()
    # A deletion hides its records from everything else on this page, also those that a hold keeps.
    asked = held - int(kept.loc[kept["state"] == "held", "events"].sum())
    if kept.empty and not asked:
        states.empty("Nothing is kept about you", "Nothing is scheduled for deletion. Past deletions are listed below.")
    else:
        kept["retained_until"] = pd.to_datetime(kept["retained_until"])
        sentence = retention.departures_sentence(kept, asked)
        theme.answer(sentence)
        if (~kept["state"].isin(retention.STAYS)).any():
            draw_chart(retention.departures(kept), sentence, retention.departures_table(kept), name="departures")
        if len(kept):
            _by_rule(kept)
    _holds(holds, visitor)
    _rules(policies, visitor)
    _other_records()
    _gone(removals, visitor.zone)


def _by_rule(kept: pd.DataFrame) -> None:
    st.header("When each kind is deleted", anchor=False)
    rows = kept.groupby(["policy_name", "application", "state"], as_index=False).agg(
        events=("events", "sum"), first=("retained_until", "min"), last=("retained_until", "max")
    )
    rows["stays"] = rows["state"].isin(retention.STAYS)
    rows = rows.sort_values(["stays", "first", "events"], ascending=[True, True, False])
    for end in ("first", "last"):
        rows[end] = [_goes_words(day.date(), state) for day, state in zip(rows[end], rows["state"], strict=True)]
    rows["policy_name"] = [plain(name, 80) for name in rows["policy_name"]]
    rows["application"] = [plain(name, 60) for name in rows["application"]]
    rows["state"] = [RETENTION_STATES.get(state, state) for state in rows["state"]]
    columns = {
        "policy_name": "Rule",
        "application": "Application",
        "events": "Records",
        "first": "First deleted after",
        "last": "Last deleted after",
        "state": "State",
    }
    draw_table(rows[list(columns)].rename(columns=columns), "When each kind of record is deleted", name="by_rule")


def _goes_words(day: date, state: str) -> str:
    if state == "restricted":
        return "when you end the freeze"
    if state == "held" and day < clock.today():
        return "when the hold ends"
    return f"{day.day} {day:%b %Y}{', unless held longer' if state == 'held' else ''}"


def _holds(holds: pd.DataFrame, visitor: Visitor) -> None:
    st.header("Legal holds", anchor=False)
    if holds.empty:
        st.caption(
            "None of your data is under a legal hold. What this register has of yours is deleted when its time is up, "
            "or when you ask."
        )
        return
    for hold in holds.to_dict("records"):
        review = pd.Timestamp(str(hold["review_on"])).date()
        scope = Scope(
            _tuple(hold["signals"]), _tuple(hold["applications"]), _moment(hold["from_at"]), _moment(hold["until_at"])
        )
        with st.container(border=True):
            st.markdown(
                f":material/gavel: **{count(int(hold['events']), 'record')} can't be deleted for now**, "
                f"because {because(str(hold['reason']), str(hold['exception']))}."
            )
            st.markdown(
                f"It covers {scope_words(scope, visitor.zone)}. Case {inert(str(hold['case']), 40)}. "
                f"It will be reviewed on {day_words(review)} ({days_away(review)})."
            )


def _rules(policies: pd.DataFrame, visitor: Visitor) -> None:
    if policies.empty:
        return
    with st.expander("The rules: what may be captured, why, and for how long", icon=":material/rule:"):
        for policy in policies.to_dict("records"):
            signals = ", ".join(signal_words(signal) for signal in policy["signals"])
            applications = ", ".join(inert(name, 40) for name in policy["applications"])
            past = "" if policy["in_force"] else " (no longer in force)"
            st.markdown(
                f"**{inert(str(policy['name']), 80)}**{past} keeps records for "
                f"{_length_words(int(policy['retention_days']))}. Purpose: {inert(str(policy['purpose']), 120)}. "
                f"Legal basis: {inert(str(policy['legal_basis']), 160)}."
            )
            st.caption(f"It allows {signals} in {applications}.")
            bases = bases_of(str(policy["legal_basis"]))
            for right in regime(visitor.own.employee.regime).rights:
                if right.bases & bases:
                    st.markdown(f"Because of this basis you have the right to {right.words}.")
        st.markdown("This register refuses and doesn't store anything that no rule in force allows.")


def _other_records() -> None:
    """What Article 15 asks for and no record of Open Book can answer: the employer's own words."""
    with st.expander(
        "How long receipts and logs are kept, other countries, automated decisions", icon=":material/info:"
    ):
        for words in (*records_kept().values(), transfers(), automated_decisions()):
            st.markdown(f"- {inert(words, 2500)}")


def _length_words(days: int) -> str:
    years, rest = divmod(days, 365)
    return count(days, "day") if rest or not years else count(years, "year")


def _gone(removals: pd.DataFrame, zone: Zone) -> None:
    st.header("What was already deleted", anchor=False)
    if removals.empty:
        st.caption("None of your data has been deleted so far.")
        return
    total = int(removals["events"].sum())
    by_cause = removals.groupby("cause")["events"].sum()
    expired, asked, replaced = (int(by_cause.get(cause, 0)) for cause in CAUSES)
    elsewhere = f", {replaced:,} because they were edited or deleted where they came from" if replaced else ""
    last = removals["removed_at"].max()
    st.write(
        f"{count(total, 'record')} of yours {'was' if total == 1 else 'were'} deleted: {expired:,} because "
        f"their time was up, {asked:,} because you asked{elsewhere}. The last deletion was on "
        f"{moment_words(last, zone)} ({zone.label})."
    )
    rows = pd.DataFrame(
        {
            f"Deleted ({zone.label})": zone.local_series(removals["removed_at"]),
            "Why": [CAUSES.get(cause, cause) for cause in removals["cause"]],
            "Application": [plain(name, 60) for name in removals["application"]],
            "What": [signal_words(signal) for signal in removals["signal"]],
            "Records": removals["events"],
            "Captured from (UTC day)": _days(removals["first_day"]),
            "to": _days(removals["last_day"]),
        }
    )
    draw_table(rows, "What was deleted, newest first", name="gone")


def _days(days: pd.Series[Any]) -> list[date | None]:
    return [None if pd.isna(day) else pd.Timestamp(day).date() for day in days]


def _tuple(values: object) -> tuple[str, ...] | None:
    return tuple(values) if isinstance(values, list | tuple) else None


def _moment(value: object) -> pd.Timestamp | None:
    return value if isinstance(value, pd.Timestamp) and not pd.isna(value) else None


show(identity.visitor())
