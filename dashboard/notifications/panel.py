"""What happened since the last visit, and how the person wants to be told: on Overview."""

from __future__ import annotations

import streamlit as st

from api_client.errors import GovernanceError
from api_client.models.notifications import Notification, NotificationChoice
from api_client.notifications import Notifications
from dashboard import pages
from dashboard.language import t, tn
from dashboard.moments import moment_words
from dashboard.notifications import chat
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from languages import mark

SHOWN = 5
LOOKED_AT = 50
TITLES = {name: title for name, title, _ in pages.PAGES}
GROUPS = {
    "requests": mark("Copies are ready, requests have ended"),
    "deadlines": mark("Deadlines were moved or are near"),
    "policies": mark("New notices about what may be recorded"),
    "recorders": mark("Recorders go silent, or report again"),
    "access": mark("A new kind of person or program read my data"),
    "violations": mark("My data was used without permission"),
    "models": mark("Promises about models are kept or missed"),
}
FOR_OFFICERS = {"digest": mark("Weekly digest for privacy officers")}
UNREACHABLE = mark("How you are told can't be shown now, because a part of this app isn't responding.")
MAILBOX = mark(
    "E-mail goes to your work address, which your employer may be able to read. It says, for example, that a copy is "
    "ready, and so that you asked for one. It never says what is in it."
)
NO_MAIL = mark("This installation sends no e-mail.")
SEEN, SAVED = "notifications_seen", "notifications_saved"


def draw_news(visitor: Visitor) -> None:
    """What wasn't seen yet, the newest first; nothing if there is none, or it can't be read now."""
    try:
        with visitor.governance() as governance:
            if st.session_state.get(SEEN):
                governance.notifications.see(st.session_state["_newest_told"])
            found = governance.notifications.page(limit=LOOKED_AT)
    except GovernanceError:
        return
    new = [each for each in found if each.seen_at is None]
    if not new:
        return
    st.session_state["_newest_told"] = max(each.id for each in new)
    with st.container(border=True):
        st.header(t("Since your last visit"), anchor=False)
        kinds: dict[tuple[str, str | None], list[Notification]] = {}
        for each in new:
            kinds.setdefault((each.words, each.page), []).append(each)
        shown = list(kinds.values())[:SHOWN]
        for alike in shown:
            newest = alike[0]
            line = tn(
                "{what} ({time})",
                "{what} ({n} times, last on {time})",
                len(alike),
                what=inert(t(newest.words), 200),
                time=moment_words(newest.at, visitor.zone),
            )
            if newest.page in TITLES:
                st.page_link(f"views/{newest.page}.py", label=line, icon=":material/arrow_forward:")
            else:
                st.markdown(line)
        rest = len(new) - sum(map(len, shown))
        more = [tn("{n} more event.", "{n} more events.", rest)] if rest else []
        st.caption(" ".join([*more, t("Times are {zone}.", zone=visitor.zone.label)]))
        st.button(t("Mark as seen"), key=SEEN, icon=":material/check:")


def draw_choice(visitor: Visitor) -> None:
    """Asks the API only once it is opened."""
    if not st.toggle(t("Choose how you are told"), key="notifications_choosing"):
        return
    try:
        with visitor.governance() as governance:
            chosen, refused = chat.act(governance.notifications, _act(governance.notifications))
    except GovernanceError:
        st.caption(t(UNREACHABLE))
        return
    groups = GROUPS | (FOR_OFFICERS if visitor.employee.is_now("privacy_officer") else {})
    with st.form("notifications_choice", border=True):
        app, mail, *in_chat = st.columns(3 if chosen.chat_host else 2)
        with app:
            st.markdown(t("**Here, on Overview**"))
            for group in GROUPS:
                st.checkbox(t(GROUPS[group]), value=group in chosen.app, key=f"told_app_{group}")
        with mail:
            st.markdown(t("**By e-mail**"))
            for group, words in groups.items():
                st.checkbox(
                    t(words), value=group in chosen.mail, key=f"told_mail_{group}", disabled=not chosen.mail_available
                )
        for column in in_chat:
            with column:
                st.markdown(t("**In Slack or Teams**"))
                for group in GROUPS:
                    st.checkbox(t(GROUPS[group]), value=group in chosen.chat, key=f"told_chat_{group}")
        st.caption(t(MAILBOX) if chosen.mail_available else t(NO_MAIL))
        if in_chat:
            st.caption(t(chat.WHO_READS))
        st.form_submit_button(t("Save"), key=SAVED)
    if st.session_state.get(SAVED):
        st.caption(t("Saved."))
    chat.draw(chosen, refused)


def _act(notifications: Notifications) -> NotificationChoice:
    """Save what was chosen, if that was clicked. Raises GovernanceError."""
    chosen = notifications.choice()
    if not st.session_state.get(SAVED):
        return chosen
    return notifications.choose(
        _ticked("app", chosen.app), _ticked("mail", chosen.mail), chat=_ticked("chat", chosen.chat)
    )


def _ticked(channel: str, before: tuple[str, ...]) -> set[str]:
    """What isn't shown stays as it was."""
    state = st.session_state
    return {group for group in {*GROUPS, *FOR_OFFICERS} if state.get(f"told_{channel}_{group}", group in before)}
