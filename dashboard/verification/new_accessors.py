"""Kinds of accessor that read the person's data for the first time lately: on Overview and on Who looked."""

from __future__ import annotations

import streamlit as st

from api_client import GovernanceClient
from api_client.errors import GovernanceError
from api_client.models import NewAccessor
from dashboard.moments import moment_words
from dashboard.sign_in.identity import Visitor
from dashboard.text import inert
from dashboard.wording import ACTIONS, count, role_words

SHOWN = 3


def draw(visitor: Visitor, governance: GovernanceClient) -> None:
    """Nothing if there are none. Raises GovernanceError."""
    if found := governance.new_accessors():
        more = "" if len(found) <= SHOWN else f"\n- and {len(found) - SHOWN} more"
        lines = "\n".join(f"- {_line(visitor, each)}" for each in found[:SHOWN])
        st.warning(
            f"**Read your data for the first time in the last two weeks**\n{lines}{more}",
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
    did = "" if new.action is None else f" ({ACTIONS.get(new.action, inert(new.action, 20))})"
    when = f"{moment_words(new.first_at, visitor.zone)} ({visitor.zone.label})"
    return f"{inert(role_words(new.role, new.system), 120)}{did}: first on {when}, {count(new.views, 'view')} so far"
