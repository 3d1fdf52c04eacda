"""Kinds of accessor that read the person's data for the first time lately: on Overview and on Who looked."""

from __future__ import annotations

import streamlit as st

from api_client import GovernanceClient
from api_client.errors import GovernanceError
from api_client.models import NewAccessor
from dashboard.language import t, tn
from dashboard.moments import moment_words
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from dashboard.wording import action_words, role_words

SHOWN = 3


def draw(visitor: Visitor, governance: GovernanceClient) -> None:
    """Nothing if there are none. Raises GovernanceError."""
    if found := governance.new_accessors():
        lines = [_line(visitor, each) for each in found[:SHOWN]]
        if len(found) > SHOWN:
            lines.append(tn("and {n} more", "and {n} more", len(found) - SHOWN))
        heading = t("Read your data for the first time in the last two weeks")
        st.warning(
            "\n".join([f"**{heading}**", *(f"- {line}" for line in lines)]),
            icon=":material/person_alert:",
        )


def draw_if_reachable(visitor: Visitor) -> None:
    """The same on a page that doesn't depend on the API; Who looked says so if it can't be reached."""
    try:
        with visitor.governance() as governance:
            draw(visitor, governance)
    except GovernanceError:
        return


def _line(visitor: Visitor, new: NewAccessor) -> str:
    who = inert(role_words(new.role, new.system), 120)
    return t(
        "{who}: first on {time} ({zone}), {views} so far",
        who=who if new.action is None else f"{who} ({inert(action_words(new.action), 20)})",
        time=moment_words(new.first_at, visitor.zone),
        zone=visitor.zone.label,
        views=tn("{n} view", "{n} views", new.views),
    )
