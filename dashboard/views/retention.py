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
from dashboard.language import current, listed, t, tn
from dashboard.moments import Zone, day_words, days_away, moment_words
from dashboard.requests.wording import because
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.tables import draw_table
from dashboard.text import inert, plain
from dashboard.wording import CAUSES, RETENTION_STATES, scope_words, signal_words
from lake.rules.scope import Scope
from law.article_15 import automated_decisions, records_kept, transfers
from law.legal_bases import bases_of
from law.regimes import regime


def show(visitor: Visitor) -> None:
    st.title(t("How long it is kept"), anchor=False)
    with visitor.at_once() as own:
        kept, held = own.retention(), own.summary(visitor.zone.info).held
        holds, policies, removals = own.holds(), own.policies(), own.removals()
    # A deletion hides its records from everything else on this page, also those that a hold keeps.
    asked = held - int(kept.loc[kept["state"] == "held", "events"].sum())
    if kept.empty and not asked:
        states.empty(
            t("Nothing is kept about you"), t("Nothing is scheduled for deletion. Past deletions are listed below.")
        )
    else:
        kept["retained_until"] = pd.to_datetime(kept["retained_until"])
        sentence = retention.departures_sentence(kept, asked)
        theme.answer(sentence)
        if (~kept["state"].isin(retention.STAYS)).any():
            draw_chart(
                retention.departures(kept), sentence, lambda: retention.departures_table(kept), name="departures"
            )
        if len(kept):
            _by_rule(kept)
    _holds(holds, visitor)
    _rules(policies, visitor)
    _other_records()
    _gone(removals, visitor.zone)


def _by_rule(kept: pd.DataFrame) -> None:
    st.header(t("When each kind is deleted"), anchor=False)
    rows = kept.groupby(["policy_name", "application", "state"], as_index=False).agg(
        events=("events", "sum"), first=("retained_until", "min"), last=("retained_until", "max")
    )
    rows["stays"] = rows["state"].isin(retention.STAYS)
    rows = rows.sort_values(["stays", "first", "events"], ascending=[True, True, False])
    for end in ("first", "last"):
        rows[end] = [_goes_words(day.date(), state) for day, state in zip(rows[end], rows["state"], strict=True)]
    rows["policy_name"] = [plain(name, 80) for name in rows["policy_name"]]
    rows["application"] = [plain(name, 60) for name in rows["application"]]
    rows["state"] = [t(RETENTION_STATES[state]) if state in RETENTION_STATES else state for state in rows["state"]]
    columns = {
        "policy_name": t("Policy"),
        "application": t("Application"),
        "events": t("Records"),
        "first": t("First deleted after"),
        "last": t("Last deleted after"),
        "state": t("State"),
    }
    draw_table(rows[list(columns)].rename(columns=columns), t("When each kind of record is deleted"), name="by_rule")


def _goes_words(day: date, state: str) -> str:
    if state == "restricted":
        return t("when you end the freeze")
    if state == "held" and day < clock.today():
        return t("when the hold ends")
    return t("{day}, unless held longer", day=day) if state == "held" else day_words(day)


def _holds(holds: pd.DataFrame, visitor: Visitor) -> None:
    st.header(t("Legal holds"), anchor=False)
    if holds.empty:
        st.caption(
            t(
                "None of your data is under a legal hold. What this register has of yours is deleted when its time is "
                "up, or when you ask."
            )
        )
        return
    for hold in holds.to_dict("records"):
        review = pd.Timestamp(str(hold["review_on"])).date()
        scope = Scope(
            _tuple(hold["signals"]), _tuple(hold["applications"]), _moment(hold["from_at"]), _moment(hold["until_at"])
        )
        with st.container(border=True):
            kept = tn(
                "**{n} record can't be deleted for now**, because {reason}.",
                "**{n} records can't be deleted for now**, because {reason}.",
                int(hold["events"]),
                reason=because(str(hold["reason"]), str(hold["exception"])),
            )
            st.markdown(f":material/gavel: {kept}")
            st.markdown(
                t(
                    "It covers {scope}. Case {case}. It will be reviewed on {day} ({away}).",
                    scope=scope_words(scope, visitor.zone),
                    case=inert(str(hold["case"]), 40),
                    day=review,
                    away=days_away(review),
                )
            )


def _rules(policies: pd.DataFrame, visitor: Visitor) -> None:
    if policies.empty:
        return
    with st.expander(
        t("The policies: what may be captured, why, and for how long"), icon=":material/rule:", key="rules"
    ):
        for policy in policies.to_dict("records"):
            signals = [signal_words(signal) for signal in policy["signals"]]
            applications = [inert(name, 40) for name in policy["applications"]]
            values = {
                "name": inert(str(policy["name"]), 80),
                "length": _length_words(int(policy["retention_days"])),
                "purpose": inert(str(policy["purpose"]), 120),
                "basis": inert(str(policy["legal_basis"]), 160),
            }
            st.markdown(
                t("**{name}** keeps records for {length}. Purpose: {purpose}. Legal basis: {basis}.", **values)
                if policy["in_force"]
                else t(
                    "**{name}** (no longer in force) keeps records for {length}. Purpose: {purpose}. Legal basis: "
                    "{basis}.",
                    **values,
                )
            )
            st.caption(
                t(
                    "It allows {signals} in {applications}.",
                    signals=listed(signals, len(signals)),
                    applications=listed(applications, len(applications)),
                )
            )
            bases = bases_of(str(policy["legal_basis"]))
            for right in regime(visitor.own.employee.regime).rights:
                if right.bases & bases:
                    st.markdown(
                        t(
                            "Because of this basis you have the right to {right} ({law}): {how}.",
                            right=t(right.right),
                            law=t(right.law),
                            how=t(right.how),
                        )
                    )
        st.markdown(t("This register refuses and doesn't store anything that no policy in force allows."))


def _other_records() -> None:
    """What Article 15 asks for and no record of Open Book can answer: the employer's own words."""
    with st.expander(
        t("How long receipts and logs are kept, other countries, automated decisions"),
        icon=":material/info:",
        key="other_records",
    ):
        said = current()
        for words in (*records_kept(said).values(), transfers(said), automated_decisions(said)):
            st.markdown(f"- {inert(words, 2500)}")


def _length_words(days: int) -> str:
    years, rest = divmod(days, 365)
    return tn("{n} day", "{n} days", days) if rest or not years else tn("{n} year", "{n} years", years)


def _gone(removals: pd.DataFrame, zone: Zone) -> None:
    st.header(t("What was already deleted"), anchor=False)
    if removals.empty:
        st.caption(t("None of your data has been deleted so far."))
        return
    total = int(removals["events"].sum())
    by_cause = removals.groupby("cause")["events"].sum()
    expired, asked, replaced = (int(by_cause.get(cause, 0)) for cause in CAUSES)
    if replaced:
        deleted = tn(
            "{n} record of yours was deleted: {expired} because their time was up, {asked} because you asked, "
            "{replaced} because they were edited or deleted where they came from.",
            "{n} records of yours were deleted: {expired} because their time was up, {asked} because you asked, "
            "{replaced} because they were edited or deleted where they came from.",
            total,
            expired=expired,
            asked=asked,
            replaced=replaced,
        )
    else:
        deleted = tn(
            "{n} record of yours was deleted: {expired} because their time was up, {asked} because you asked.",
            "{n} records of yours were deleted: {expired} because their time was up, {asked} because you asked.",
            total,
            expired=expired,
            asked=asked,
        )
    last = moment_words(removals["removed_at"].max(), zone)
    st.write(f"{deleted} {t('The last deletion was on {time} ({zone}).', time=last, zone=zone.label)}")
    rows = pd.DataFrame(
        {
            t("Deleted ({zone})", zone=zone.label): zone.local_series(removals["removed_at"]),
            t("Why"): [t(CAUSES[cause]) if cause in CAUSES else cause for cause in removals["cause"]],
            t("Application"): [plain(name, 60) for name in removals["application"]],
            t("What"): [signal_words(signal) for signal in removals["signal"]],
            t("Records"): removals["events"],
            t("Captured from (UTC day)"): _days(removals["first_day"]),
            t("to"): _days(removals["last_day"]),
        }
    )
    draw_table(rows, t("What was deleted, newest first"), name="gone")


def _days(days: pd.Series[Any]) -> list[date | None]:
    return [None if pd.isna(day) else pd.Timestamp(day).date() for day in days]


def _tuple(values: object) -> tuple[str, ...] | None:
    return tuple(values) if isinstance(values, list | tuple) else None


def _moment(value: object) -> pd.Timestamp | None:
    return value if isinstance(value, pd.Timestamp) and not pd.isna(value) else None


show(identity.visitor())
