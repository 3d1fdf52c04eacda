"""Problems with Open Book itself, for the privacy officer. Draws nothing if there are none."""

from __future__ import annotations

import streamlit as st

from api_client import GovernanceClient
from api_client.errors import Forbidden
from dashboard.language import t
from dashboard.text import inert


def draw_health(governance: GovernanceClient) -> None:
    try:
        health = governance.officer.health()
    except Forbidden:  # the rest of the page handles it
        return
    for problem in health.problems:
        st.error(f"{t('Tell the people who run Open Book.')} {inert(problem, 600)}", icon=":material/healing:")
