"""Who looked, here and as other systems report it, and who could."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from api_client import GovernanceClient
from api_client.models import AccessEntry, AccessLog, OtherSystem
from dashboard import states, theme
from dashboard.language import t, tn
from dashboard.moments import Zone, moment_words
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.tables import draw_table
from dashboard.text import inert, plain
from dashboard.verification import anchored_log, new_accessors
from dashboard.wording import KINDS, action_words, role_words
from languages import mark
from law import limits

PAGE_ROWS = 100
OTHERS, OWN_WORK = mark("Views by others"), mark("Open Book's own work")
_OFFSET = "access_offset"

WHAT = {
    "all records": mark("all records"),
    "captures": mark("records"),
    "content keys": mark("content keys"),
    "day of recording": mark("day of recording"),
    "holds": mark("holds"),
    "letters": mark("letters"),
    "mentions": mark("mentions of you in records of others"),
    "note": mark("note"),
    "records": mark("records"),
    "pictures": mark("pictures of your screen"),
    "requests": mark("requests"),
    "sign-in changes": mark("sign-in changes"),
}
"""What was read, as the log says it."""


def show(visitor: Visitor) -> None:
    st.title(t("Who looked"), anchor=False)
    with states.guarded("access"), visitor.governance() as governance:
        latest = governance.access_log(limit=1, by="others")
        anchored_log.draw(governance)
        _draw_answer(visitor, latest)
        new_accessors.draw(visitor, governance)
        shown = st.segmented_control(
            t("Show"),
            [OTHERS, OWN_WORK],
            default=OTHERS,
            format_func=t,
            label_visibility="collapsed",
            on_change=_turn,
            args=(0,),
        )
        own_work = shown == OWN_WORK
        offset = int(st.session_state.get(_OFFSET, 0))
        log = governance.access_log(offset=offset, limit=PAGE_ROWS, by="open_book" if own_work else "others")
        if log.total:
            _draw_log(visitor, log, offset)
        elif own_work:
            st.write(t("Nothing is recorded yet."))
        else:
            states.empty(
                t("No views by others"),
                t(
                    "Open Book has shown data about you only to you. Before it shows any to someone else, it records "
                    "that here, with their role and reason."
                ),
                icon=":material/visibility_off:",
            )
        _draw_limits()
        _draw_possible(visitor, governance)


def _draw_answer(visitor: Visitor, log: AccessLog) -> None:
    if not log.entries:
        return
    latest = log.entries[0]
    values = {
        "who": inert(_role(latest), 120),
        "time": moment_words(latest.at, visitor.zone),
        "zone": visitor.zone.label,
        "views": tn("{n} view", "{n} views", log.total),
    }
    if latest.reported_by is None:
        theme.answer(t("{who} looked last, on {time} ({zone}); {views} in total.", **values))
    else:
        system = inert(latest.reported_by, 60)
        theme.answer(
            t("{who} looked last, as {system} reported, on {time} ({zone}); {views} in total.", system=system, **values)
        )


def _draw_limits() -> None:
    lines = (
        t(
            "Each view in Open Book was recorded before anything was shown. Views are of your requests, of legal "
            "holds, of notes that you let a privacy officer read, and of your records by programs that train."
        ),
        t(
            "{own_work} is what its programs did without showing anything to anyone, such as storing records, writing "
            "your exports and making backups.",
            own_work=t(OWN_WORK),
        ),
        t(
            "Not listed, because it opens no record: deleting records, checking files for damage, and reading the "
            "company's directory (name, address, department, team, role, manager, sign-in id). Open Book reads it to "
            "know who you are, and a program that keeps it for your employer, if there is one, is named below."
        ),
        f"{t(limits.TECHNICAL_ACCESS)} {t('That would not be listed here.')}",
        t(
            "Views in other systems are what those systems reported; Open Book can't check them, nor whether any are "
            "missing."
        ),
    )
    with st.expander(t("What is listed here, and what can't be"), icon=":material/help:", key="listed"):
        st.markdown("\n".join(f"- {line}" for line in lines))


def _draw_delays(days: int) -> None:
    """How late views may be shown here."""
    if days:
        st.info(
            t(
                "For a legal reason, your employer's other systems may have a view shown to you up to {days} later. So "
                "a recent view may not be listed yet. Views in Open Book are never delayed.",
                days=tn("{n} day", "{n} days", days),
            ),
            icon=":material/hourglass:",
        )


def _draw_log(visitor: Visitor, log: AccessLog, offset: int) -> None:
    draw_table(
        pd.DataFrame(
            {
                t("When ({zone})", zone=visitor.zone.label): [visitor.zone.local(entry.at) for entry in log.entries],
                t("Who"): [plain(_role(entry), 120) for entry in log.entries],
                t("Source"): [plain(_source(entry), 120) for entry in log.entries],
                t("Why"): [plain(_why(entry), 200) for entry in log.entries],
                t("What"): [plain(_what(entry), 200) for entry in log.entries],
                t("How many"): pd.array(
                    [None if entry.everybody else entry.rows for entry in log.entries], dtype="Int64"
                ),
                t("Ticket"): [plain(entry.ticket or "", 40) for entry in log.entries],
            }
        ),
        t("Each view of your data, newest first"),
        name="access",
    )
    _draw_withheld(log.entries, visitor.zone)
    if log.total > PAGE_ROWS:
        _paging(offset, len(log.entries), log.total)


def _role(entry: AccessEntry) -> str:
    return role_words(entry.role, entry.system)


def _what(entry: AccessEntry) -> str:
    what = t(WHAT[entry.what]) if entry.what in WHAT else entry.what
    if entry.everybody:
        return t("{what} of all people", what=what)
    return what if entry.action is None else t("{what}: {action}", what=what, action=action_words(entry.action))


def _why(entry: AccessEntry) -> str:
    """Other systems give their own reasons."""
    return t(entry.purpose) if entry.reported_by is None else entry.purpose


def _source(entry: AccessEntry) -> str:
    return "Open Book" if entry.reported_by is None else t("Reported by {system}", system=entry.reported_by)


def _draw_withheld(entries: Sequence[AccessEntry], zone: Zone) -> None:
    """The views in the table that the person could not see at once, and why."""
    withheld = [
        "- "
        + t(
            "{who}, on {time}: shown to you since {since}. Reason: {reason}",
            who=inert(_role(entry), 120),
            time=moment_words(entry.at, zone),
            since=moment_words(entry.disclosed_at, zone),
            reason=inert(entry.delay_reason or "", 200),
        )
        for entry in entries
        if entry.disclosed_at is not None
    ]
    if withheld:
        st.markdown("\n".join([f"**{t('Withheld from you at first, for a legal reason:')}**", *withheld]))


def _draw_possible(visitor: Visitor, governance: GovernanceClient) -> None:
    possible = governance.possible_access()
    _draw_delays(possible.delay_days)
    st.header(t("Who could look"), anchor=False)
    quiet = [system for system in possible.systems if system.state != "reporting"]
    if quiet:
        st.warning(
            tn(
                "**{n} other system with data about people is not reporting who looks.** Views there may be missing "
                "above. Your employer runs them.",
                "**{n} other systems with data about people are not reporting who looks.** Views there may be missing "
                "above. Your employer runs them.",
                len(quiet),
            ),
            icon=":material/sensors_off:",
        )
    st.caption(
        t(
            "Everyone with standing access, as Open Book and its list of other systems are configured. Your employer "
            "wrote that list; a system that is not on it is not shown here."
        )
    )
    draw_table(
        pd.DataFrame(
            {
                t("Who"): [plain(t(each.who), 120) for each in possible.standing],
                t("Kind"): [
                    t(KINDS[each.kind]) if each.kind in KINDS else plain(each.kind, 40) for each in possible.standing
                ],
                t("What they can read"): [plain(t(each.reads), 1000) for each in possible.standing],
            }
        ),
        t("Who could look"),
        name="standing",
    )
    st.subheader(t("Other systems"), anchor=False)
    if not possible.systems:
        st.write(t("Your employer has listed no other system that can read your data. There may still be some."))
        return
    draw_table(
        pd.DataFrame(
            {
                t("System"): [plain(each.system, 60) for each in possible.systems],
                t("What it can read"): [plain(each.reads, 1000) for each in possible.systems],
                t("Reports"): [_heard(visitor, each) for each in possible.systems],
            }
        ),
        t("Other systems that can read your data"),
        name="systems",
    )


def _heard(visitor: Visitor, system: OtherSystem) -> str:
    if system.last_heard is None:
        return t("Has never reported")
    time, zone = moment_words(system.last_heard, visitor.zone), visitor.zone.label
    if system.state == "silent":
        return t("Silent since {time} ({zone})", time=time, zone=zone)
    return t("Last heard {time} ({zone})", time=time, zone=zone)


def _paging(offset: int, shown: int, total: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(t("Later"), disabled=offset == 0, on_click=_turn, args=(max(0, offset - PAGE_ROWS),))
        st.button(t("Earlier"), disabled=offset + shown >= total, on_click=_turn, args=(offset + PAGE_ROWS,))
        st.caption(t("{first} to {last} of {total}", first=offset + 1, last=offset + shown, total=total))


def _turn(offset: int) -> None:
    st.session_state[_OFFSET] = offset


def _draw_register() -> None:
    st.header(t("One register, one you"), anchor=False)
    st.markdown(
        t(
            "Everyone in the company's directory has one leaf in the register of people; its root is in the ledger. "
            "Save the proof of yours. A works council can compare the number of leaves with everybody who has been on "
            "the payroll since the directory was made, those who left included: a second entry for somebody would be "
            "one leaf too many. Data that was never entered under anyone is not covered by it."
        )
    )
    st.link_button(t("Save the proof that you are in it once"), "/register", icon=":material/download:")


def _draw_proof() -> None:
    st.header(t("Keep a proof of this list"), anchor=False)
    st.markdown(
        t(
            "Once a day the list is anchored in the ledger. Save the proof: an entry that is removed or changed later "
            "contradicts it. It covers entries up to that day, and says nothing about views that were never recorded."
        )
    )
    st.link_button(t("Save the proof of this list"), "/access-log", icon=":material/download:")


show(identity.visitor())
_draw_proof()
_draw_register()
