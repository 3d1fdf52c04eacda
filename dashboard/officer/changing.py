"""A change that a privacy officer makes: carried out, or refused with the reason."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from api_client.errors import StatusError
from dashboard import done
from dashboard.language import t
from dashboard.text import inert


def carry_out(change: Callable[[], object], said: str, refused: str | None = None) -> None:
    """Draws the page anew after it, with `said` above the part of the page in which it was done. Raises what is no
    refusal, such as a signed-out person."""
    try:
        change()
    except StatusError as error:
        if error.status >= 500 or error.status == 401:
            raise
        why = inert(error.detail or error.title, 300)
        st.error(f"{refused or t('Nothing was changed.')} {why}", icon=":material/info:")
        return
    done.say(said)
    st.rerun()
