"""What was refused at ingestion, in words, and as a table."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.language import opening, t, tn
from dashboard.moments import day_words
from dashboard.tables import draw_table
from dashboard.text import inert, plain
from dashboard.wording import signal_words
from languages import mark
from queries import Refused
from queries.refused import summed

KINDS = {
    "private browsing": mark("private browsing"),
    "reaction": mark("reaction"),
    "huddle": mark("huddle"),
    "events of an unknown kind": mark("events of an unknown kind"),
}
"""What the connectors call what they always leave out."""
EVENTS = "events of "
"""What stands before the other kinds, as their watcher calls them."""
SHOWN = 5
MOST_ROWS = 500
HOW_COUNTED = mark(
    "Nothing of them was stored. Each record is counted once, however often a recorder sends it. The names of "
    "the applications are encrypted under your key. Days begin at midnight in UTC."
)


def draw_refused(refused: list[Refused]) -> None:
    """The sentences, the most records first, and everything by day. Draws nothing if nothing was refused."""
    if not refused:
        return
    st.header(t("What was refused"), anchor=False)
    st.markdown("\n".join(f"- {sentence}" for sentence in sentences(refused)))
    with st.expander(t("By day, application and kind"), key="refused_by_day"):
        st.caption(t(HOW_COUNTED))
        draw_table(_table(refused[:MOST_ROWS]), t("What was refused, newest first"), name="refused")
        if len(refused) > MOST_ROWS:
            st.caption(
                t(
                    "The newest {n} of {total} rows. A copy of your data has all of them.",
                    n=MOST_ROWS,
                    total=len(refused),
                )
            )


def sentences(refused: list[Refused]) -> list[str]:
    """`5 records from Telegram were refused: not on your employer's list.`"""
    totals = summed(refused)
    said = [_sentence(each) for each in totals[:SHOWN]]
    if rest := sum(each.records for each in totals[SHOWN:]):
        said.append(tn("{n} more record was refused.", "{n} more records were refused.", rest))
    return said


def _sentence(each: Refused) -> str:
    why = (
        t("{what}, which is never stored", what=inert(_left_out(each.what), 60)) if each.what else t(each.reason.words)
    )
    if each.application:
        return tn(
            "{n} record from {application} was refused: {why}.",
            "{n} records from {application} were refused: {why}.",
            each.records,
            application=inert(each.application, 60),
            why=why,
        )
    return tn("{n} record was refused: {why}.", "{n} records were refused: {why}.", each.records, why=why)


def _left_out(what: str) -> str:
    if what in KINDS:
        return t(KINDS[what])
    return t("events of {kind}", kind=what.removeprefix(EVENTS)) if what.startswith(EVENTS) else what


def _table(refused: list[Refused]) -> pd.DataFrame:
    rows = [
        {
            t("Day"): day_words(each.day) if each.day else t("not known"),
            t("Application"): plain(each.application, 60) if each.application else t("not known"),
            t("What"): _what(each),
            t("Why"): t(each.reason.words),
            t("Records"): each.records,
        }
        for each in refused
    ]
    return pd.DataFrame(rows)


def _what(each: Refused) -> str:
    if each.signal:
        return opening(signal_words(each.signal))
    return plain(_left_out(each.what), 60) if each.what else t("not known")
