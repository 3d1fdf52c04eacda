"""In which records of others you are mentioned: on Captured."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.tables import draw_table
from dashboard.text import plain
from dashboard.wording import count
from queries import Indirect
from queries.indirect import WORDS, by_role

MOST_ROWS = 500
WHAT_IT_IS = (
    "These records are of other people. You see neither whose they are nor what they say. Where Slack or Jira mark a "
    "mention, they say @someone instead of your name. Days begin at midnight in UTC."
)
WHAT_YOU_CAN_DO = (
    "An objection under Requests also keeps these records out of new data sets. Deleting your records of an "
    "application also deletes what this section lists of it, but not these records: they are other people's. Masking "
    "your name where somebody typed it is not offered."
)


def draw_indirect(found: list[Indirect]) -> None:
    """How many, by role, and everything by day. Draws nothing if there is nothing."""
    if not found:
        return
    st.header("Where others mention you", anchor=False)
    roles = by_role(found)
    st.markdown(
        "\n".join(f"- {count(number, 'record')} of others: {WORDS[role]}." for role, number in roles.most_common())
    )
    with st.expander("By day and application"):
        st.caption(WHAT_IT_IS)
        draw_table(_table(found[:MOST_ROWS]), "Where others mention you, newest first", name="indirect")
        if len(found) > MOST_ROWS:
            st.caption(f"The newest {MOST_ROWS} of {len(found):,} rows. A copy of your data has all of them.")
        st.caption(WHAT_YOU_CAN_DO)


def _table(found: list[Indirect]) -> pd.DataFrame:
    rows = [
        {
            "Day": f"{each.day:%-d %B %Y}",
            "Application": plain(each.application, 60),
            "How": each.words.capitalize(),
            "Records": each.records,
        }
        for each in found
    ]
    return pd.DataFrame(rows)
