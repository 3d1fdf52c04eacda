"""Who looked: each view of your data by somebody else, with role, purpose and number of rows."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import states, theme
from dashboard.moments import moment_words
from dashboard.officer.wording import ROLES
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert, plain
from dashboard.wording import count
from law import limits

PAGE_ROWS = 100
_OFFSET = "access_offset"


def show(visitor: Visitor) -> None:
    st.title("Who looked", anchor=False)
    with states.guarded("access"), visitor.governance() as governance:
        offset = int(st.session_state.get(_OFFSET, 0))
        log = governance.access_log(offset=offset, limit=PAGE_ROWS)
        if not log.total:
            states.empty(
                "No views by others",
                "Open Book has shown data about you only to you. Before it shows any to someone else, it records that "
                f"here, with their role and reason. {limits.TECHNICAL_ACCESS} That would not be listed here.",
                icon=":material/visibility_off:",
            )
            return
        if log.entries and offset == 0:
            latest = log.entries[0]
            theme.answer(
                f"{inert(ROLES.get(latest.role, latest.role), 60)} looked last, on "
                f"{moment_words(latest.at, visitor.zone)} ({visitor.zone.label}); {count(log.total, 'view')} in total."
            )
        st.caption(
            "What Open Book showed of yours to others, newest first. Each view was recorded before anything was shown. "
            f"{limits.TECHNICAL_ACCESS} That would not be listed here. Other views are of your requests, of legal "
            "holds, and of notes that you let a privacy officer read."
        )
        st.dataframe(
            pd.DataFrame(
                {
                    "at": [visitor.zone.local(entry.at) for entry in log.entries],
                    "role": [plain(ROLES.get(entry.role, entry.role), 60) for entry in log.entries],
                    "purpose": [plain(entry.purpose, 200) for entry in log.entries],
                    "what": [plain(entry.what, 200) for entry in log.entries],
                    "rows": [entry.rows for entry in log.entries],
                }
            ),
            hide_index=True,
            column_config={
                "at": st.column_config.DatetimeColumn(f"When ({visitor.zone.label})", format="D MMM YYYY, HH:mm"),
                "role": st.column_config.TextColumn("Who"),
                "purpose": st.column_config.TextColumn("Why"),
                "what": st.column_config.TextColumn("What"),
                "rows": st.column_config.NumberColumn("How many", format="localized"),
            },
        )
        if log.total > PAGE_ROWS:
            _paging(offset, len(log.entries), log.total)


def _paging(offset: int, shown: int, total: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Later", disabled=offset == 0, on_click=_turn, args=(max(0, offset - PAGE_ROWS),))
        st.button("Earlier", disabled=offset + shown >= total, on_click=_turn, args=(offset + PAGE_ROWS,))
        st.caption(f"{offset + 1:,} to {offset + shown:,} of {total:,}")


def _turn(offset: int) -> None:
    st.session_state[_OFFSET] = offset


def _draw_register() -> None:
    st.header("One register, one you", anchor=False)
    st.markdown(
        "Everyone in the company's directory has one leaf in the register of people; its root is in the ledger. Save "
        "the proof of yours. A works council can compare the number of leaves with the payroll: a second entry for "
        "somebody would be one leaf too many. Data that was never entered under anyone is not covered by it."
    )
    st.link_button("Save the proof that you are in it once", "/register", icon=":material/download:")


show(identity.visitor())
_draw_register()
