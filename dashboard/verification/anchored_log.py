"""Whether the person's access log still leads to the ledger: at the top of Who looked, if it doesn't."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import NamedTuple

import streamlit as st

import clock
from api_client import GovernanceClient
from api_client.errors import GovernanceError, NotFound
from dashboard.language import t

CHECKED_FOR = timedelta(minutes=10)
_CHECKED = "access_log_checked"


class Checked(NamedTuple):
    """`intact` is None if the log is in no anchor yet."""

    at: datetime
    intact: bool | None
    failed: bool = False


def draw(governance: GovernanceClient) -> None:
    """Nothing if the log leads to the ledger, or is in no anchor yet."""
    checked = _checked(governance)
    if checked.failed:
        st.caption(t("This list could not be compared with the ledger just now. It is tried again in some minutes."))
    elif checked.intact is False:
        st.error(
            t(
                "**This list doesn't match the ledger: entries were removed or changed after they were recorded "
                "there.** The list below may lack views, or show them wrongly. Open Book can't tell which entries, nor "
                "whether it was a mistake, a fault, or done on purpose.\n\n"
                "- Keep every proof of this list that you saved earlier, and save one now, at the end of this page. "
                "The verifier checks them, and compares an earlier one with the new one.\n"
                "- Tell your works council, if there is one, and your privacy office."
            ),
            icon=":material/report:",
        )


def _checked(governance: GovernanceClient) -> Checked:
    """Compared at most once in ten minutes of a visit: the API reads every entry of the log for it."""
    known: Checked | None = st.session_state.get(_CHECKED)
    if known is None or clock.now() - known.at > CHECKED_FOR:
        known = st.session_state[_CHECKED] = _compare(governance)
    return known


def _compare(governance: GovernanceClient) -> Checked:
    try:
        proof = json.loads(governance.access_log_proof())
    except NotFound:
        return Checked(clock.now(), None)
    except GovernanceError:
        return Checked(clock.now(), None, failed=True)
    return Checked(clock.now(), proof["intact"])
