"""Connecting one's own webhook of Slack or Teams, and ending that: below the choice of how one is told."""

from __future__ import annotations

import streamlit as st

from api_client.errors import Invalid
from api_client.models.notifications import NotificationChoice
from api_client.notifications import Notifications
from dashboard.language import t
from dashboard.text import inert
from languages import mark

CONNECT, DISCONNECT, ADDRESS = "chat_connect", "chat_disconnect", "chat_address"
WHO_READS = mark(
    "Everybody in the channel can read it, and your employer may be able to. It never says what is in your data."
)


def act(notifications: Notifications, chosen: NotificationChoice) -> tuple[NotificationChoice, str]:
    """What was clicked, and why it was refused (empty: it wasn't). Raises GovernanceError."""
    address = str(st.session_state.get(ADDRESS) or "").strip()
    if st.session_state.get(DISCONNECT):
        return notifications.disconnect_chat(), ""
    if not st.session_state.get(CONNECT) or not address:
        return chosen, ""
    try:
        return notifications.connect_chat(address), ""
    except Invalid as refused:
        return chosen, refused.detail or refused.title


def draw(chosen: NotificationChoice, refused: str) -> None:
    if chosen.chat_host:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(t("Connected to {host}.", host=inert(chosen.chat_host, 255)), width="content")
            st.button(t("Disconnect"), key=DISCONNECT, icon=":material/link_off:")
        return
    if not chosen.chat_hosts:
        return
    with st.form("chat", border=True, clear_on_submit=True):
        st.markdown(t("**In Slack or Teams**"))
        st.text_input(
            t("Address of an incoming webhook"),
            type="password",
            max_chars=2000,
            key=ADDRESS,
            help=t(
                "In Slack: an app of yours with incoming webhooks. In Teams: the workflow that posts to a chat or "
                "channel when a webhook request is received. It gets a first message now."
            ),
        )
        st.caption(t(WHO_READS))
        if refused:
            st.error(inert(refused, 400))
        st.form_submit_button(t("Connect"), key=CONNECT)
