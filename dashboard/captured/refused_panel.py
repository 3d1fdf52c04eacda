"""What was refused at ingestion, in words, and as a table."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.tables import draw_table
from dashboard.text import inert, plain
from dashboard.wording import count, signal_words
from queries import Refused
from queries.refused import summed

SHOWN = 5
MOST_ROWS = 500
HOW_COUNTED = (
    "Nothing of them was stored. Each record is counted once, however often a recorder sends it. The names of "
    "the applications are encrypted under your key. Days begin at midnight in UTC."
)


def draw_refused(refused: list[Refused]) -> None:
    """The sentences, the most records first, and everything by day. Draws nothing if nothing was refused."""
    if not refused:
        return
    st.header("What was refused", anchor=False)
    st.markdown("\n".join(f"- {sentence}" for sentence in sentences(refused)))
    with st.expander("By day, application and kind"):
        st.caption(HOW_COUNTED)
        draw_table(_table(refused[:MOST_ROWS]), "What was refused, newest first", name="refused")
        if len(refused) > MOST_ROWS:
            st.caption(f"The newest {MOST_ROWS} of {len(refused):,} rows. A copy of your data has all of them.")


def sentences(refused: list[Refused]) -> list[str]:
    """`5 records from Telegram were refused: not on your employer's list.`"""
    totals = summed(refused)
    said = [_sentence(each) for each in totals[:SHOWN]]
    if rest := sum(each.records for each in totals[SHOWN:]):
        said.append(f"{count(rest, 'more record')} {_were(rest)} refused.")
    return said


def _sentence(each: Refused) -> str:
    source = f" from {inert(each.application, 60)}" if each.application else ""
    why = inert(each.what, 60) + ", which is never stored" if each.what else each.reason.words
    return f"{count(each.records, 'record')}{source} {_were(each.records)} refused: {why}."


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _table(refused: list[Refused]) -> pd.DataFrame:
    rows = [
        {
            "Day": f"{each.day:%-d %B %Y}" if each.day else "not known",
            "Application": plain(each.application, 60) if each.application else "not known",
            "What": signal_words(each.signal).capitalize() if each.signal else plain(each.what or "not known", 60),
            "Why": each.reason.words,
            "Records": each.records,
        }
        for each in refused
    ]
    return pd.DataFrame(rows)
