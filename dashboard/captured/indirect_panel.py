"""In which records of others you are mentioned: on Captured."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.language import opening, t, tn
from dashboard.moments import day_words
from dashboard.tables import draw_table
from dashboard.text import plain
from languages import mark
from queries import Indirect
from queries.indirect import WORDS, by_role

MOST_ROWS = 500
WHAT_IT_IS = mark(
    "These records are of other people. You see neither whose they are nor what they say, nor whether they were stored "
    "or are still kept, because that may be their authors' choice. Each mention stays listed until its own last day. "
    "Where Slack or Jira mark a mention, records say @someone instead of your name. Days begin at midnight in UTC."
)
WHAT_YOU_CAN_DO = mark(
    "An objection under Requests also keeps these records out of new datasets. Deleting your records of an "
    "application also deletes what this section lists of it, but not these records: they are other people's. Under "
    "Requests you can also ask that your name be masked in them, where somebody typed it."
)


def draw_indirect(found: list[Indirect]) -> None:
    """How many, by role, and everything by day. Draws nothing if there is nothing."""
    if not found:
        return
    st.header(t("Where others mention you"), anchor=False)
    roles = by_role(found)
    st.markdown("\n".join(f"- {_sentence(WORDS[role], number)}" for role, number in roles.most_common()))
    with st.expander(t("By day and application"), key="indirect_by_day"):
        st.caption(t(WHAT_IT_IS))
        draw_table(_table(found[:MOST_ROWS]), t("Where others mention you, newest first"), name="indirect")
        if len(found) > MOST_ROWS:
            st.caption(
                t("The newest {n} of {total} rows. A copy of your data has all of them.", n=MOST_ROWS, total=len(found))
            )
        st.caption(t(WHAT_YOU_CAN_DO))


def _sentence(how: str, records: int) -> str:
    return tn("{n} record of others: {how}.", "{n} records of others: {how}.", records, how=t(how))


def _table(found: list[Indirect]) -> pd.DataFrame:
    rows = [
        {
            t("Day"): day_words(each.day),
            t("Application"): plain(each.application, 60),
            t("How"): opening(t(each.words)),
            t("Records"): each.records,
        }
        for each in found
    ]
    return pd.DataFrame(rows)
