"""Who looked, here and as other systems report it, and who could."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from api_client import GovernanceClient
from api_client.models import AccessEntry, AccessLog, OtherSystem
from dashboard import states, theme
from dashboard.moments import Zone, moment_words
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.tables import draw_table
from dashboard.text import inert, plain
from dashboard.verification import anchored_log, new_accessors
from dashboard.wording import ACTIONS, KINDS, count, role_words
from law import limits

PAGE_ROWS = 100
OTHERS, OWN_WORK = "Views by others", "Open Book's own work"
_OFFSET = "access_offset"


def show(visitor: Visitor) -> None:
    st.title("Who looked", anchor=False)
    with states.guarded("access"), visitor.governance() as governance:
        latest = governance.access_log(limit=1, by="others")
        anchored_log.draw(governance)
        _draw_answer(visitor, latest)
        new_accessors.draw(visitor, governance)
        shown = st.segmented_control(
            "Show", [OTHERS, OWN_WORK], default=OTHERS, label_visibility="collapsed", on_change=_turn, args=(0,)
        )
        own_work = shown == OWN_WORK
        offset = int(st.session_state.get(_OFFSET, 0))
        log = governance.access_log(offset=offset, limit=PAGE_ROWS, by="open_book" if own_work else "others")
        if log.total:
            _draw_log(visitor, log, offset)
        elif own_work:
            st.write("Nothing is recorded yet.")
        else:
            states.empty(
                "No views by others",
                "Open Book has shown data about you only to you. Before it shows any to someone else, it records that "
                "here, with their role and reason.",
                icon=":material/visibility_off:",
            )
        _draw_limits()
        _draw_possible(visitor, governance)


def _draw_answer(visitor: Visitor, log: AccessLog) -> None:
    if not log.entries:
        return
    latest = log.entries[0]
    said = "" if latest.reported_by is None else f", as {inert(latest.reported_by, 60)} reported"
    theme.answer(
        f"{inert(_role(latest), 120)} looked last{said}, on "
        f"{moment_words(latest.at, visitor.zone)} ({visitor.zone.label}); {count(log.total, 'view')} in total."
    )


def _draw_limits() -> None:
    with st.expander("What is listed here, and what can't be", icon=":material/help:"):
        st.markdown(
            "- Each view in Open Book was recorded before anything was shown. Views are of your requests, of legal "
            "holds, of notes that you let a privacy officer read, and of your records by programs that train.\n"
            f"- {OWN_WORK} is what its programs did without showing anything to anyone, such as storing records, "
            "writing your exports and making backups.\n"
            "- Not listed, because it opens no record: deleting records, checking files for damage, and reading the "
            "company's directory (name, address, department, team, role, manager, sign-in id). Open Book reads it to "
            "know who you are, and a program that keeps it for your employer, if there is one, is named below.\n"
            f"- {limits.TECHNICAL_ACCESS} That would not be listed here.\n"
            "- Views in other systems are what those systems reported; Open Book can't check them, nor whether any are "
            "missing."
        )


def _draw_delays(days: int) -> None:
    """How late views may be shown here."""
    if days:
        st.info(
            "For a legal reason, your employer's other systems may have a view shown to you up to "
            f"{count(days, 'day')} later. So a recent view may not be listed yet. Views in Open Book are never "
            "delayed.",
            icon=":material/hourglass:",
        )


def _draw_log(visitor: Visitor, log: AccessLog, offset: int) -> None:
    draw_table(
        pd.DataFrame(
            {
                f"When ({visitor.zone.label})": [visitor.zone.local(entry.at) for entry in log.entries],
                "Who": [plain(_role(entry), 120) for entry in log.entries],
                "Source": [plain(_source(entry), 120) for entry in log.entries],
                "Why": [plain(entry.purpose, 200) for entry in log.entries],
                "What": [plain(_what(entry), 200) for entry in log.entries],
                "How many": pd.array([None if entry.everybody else entry.rows for entry in log.entries], dtype="Int64"),
                "Ticket": [plain(entry.ticket or "", 40) for entry in log.entries],
            }
        ),
        "Each view of your data, newest first",
        name="access",
    )
    _draw_withheld(log.entries, visitor.zone)
    if log.total > PAGE_ROWS:
        _paging(offset, len(log.entries), log.total)


def _role(entry: AccessEntry) -> str:
    return role_words(entry.role, entry.system)


def _what(entry: AccessEntry) -> str:
    if entry.everybody:
        return f"{entry.what} of all people"
    return entry.what if entry.action is None else f"{entry.what}: {ACTIONS.get(entry.action, entry.action)}"


def _source(entry: AccessEntry) -> str:
    return "Open Book" if entry.reported_by is None else f"Reported by {entry.reported_by}"


def _draw_withheld(entries: Sequence[AccessEntry], zone: Zone) -> None:
    """The views in the table that the person could not see at once, and why."""
    withheld = [
        f"- {inert(_role(entry), 120)}, on {moment_words(entry.at, zone)}: shown to you since "
        f"{moment_words(entry.disclosed_at, zone)}. Reason: {inert(entry.delay_reason or '', 200)}"
        for entry in entries
        if entry.disclosed_at is not None
    ]
    if withheld:
        st.markdown("\n".join(["**Withheld from you at first, for a legal reason:**", *withheld]))


def _draw_possible(visitor: Visitor, governance: GovernanceClient) -> None:
    possible = governance.possible_access()
    _draw_delays(possible.delay_days)
    st.header("Who could look", anchor=False)
    quiet = [system for system in possible.systems if system.state != "reporting"]
    if quiet:
        st.warning(
            f"**{count(len(quiet), 'other system')} with data about people {'is' if len(quiet) == 1 else 'are'} not "
            "reporting who looks.** Views there may be missing above. Your employer runs them.",
            icon=":material/sensors_off:",
        )
    st.caption(
        "Everyone with standing access, as Open Book and its list of other systems are configured. Your employer wrote "
        "that list; a system that is not on it is not shown here."
    )
    draw_table(
        pd.DataFrame(
            {
                "Who": [plain(each.who, 120) for each in possible.standing],
                "Kind": [plain(KINDS.get(each.kind, each.kind), 40) for each in possible.standing],
                "What they can read": [plain(each.reads, 1000) for each in possible.standing],
            }
        ),
        "Who could look",
        name="standing",
    )
    st.subheader("Other systems", anchor=False)
    if not possible.systems:
        st.write("Your employer has listed no other system that can read your data. There may be some all the same.")
        return
    draw_table(
        pd.DataFrame(
            {
                "System": [plain(each.system, 60) for each in possible.systems],
                "What it can read": [plain(each.reads, 1000) for each in possible.systems],
                "Reports": [_heard(visitor, each) for each in possible.systems],
            }
        ),
        "Other systems that can read your data",
        name="systems",
    )


def _heard(visitor: Visitor, system: OtherSystem) -> str:
    if system.last_heard is None:
        return "Has never reported"
    when = f"{moment_words(system.last_heard, visitor.zone)} ({visitor.zone.label})"
    return f"Silent since {when}" if system.state == "silent" else f"Last heard {when}"


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
        "the proof of yours. A works council can compare the number of leaves with everybody who has been on the "
        "payroll since the directory was made, those who left included: a second entry for somebody would be one leaf "
        "too many. Data that was never entered under anyone is not covered by it."
    )
    st.link_button("Save the proof that you are in it once", "/register", icon=":material/download:")


def _draw_proof() -> None:
    st.header("Keep a proof of this list", anchor=False)
    st.markdown(
        "Once a day the list is anchored in the ledger. Save the proof: an entry that is removed or changed later "
        "contradicts it. It covers entries up to that day, and says nothing about views that were never recorded."
    )
    st.link_button("Save the proof of this list", "/access-log", icon=":material/download:")


show(identity.visitor())
_draw_proof()
_draw_register()
